//go:build !unix

package main

import "os/exec"

// separate does nothing where there are no process groups.
func separate(*exec.Cmd) {}

// terminate ends the command: it can't be asked to.
func terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() } // it may have ended

// endGroup ends the command alone.
func endGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() } // it may have ended
