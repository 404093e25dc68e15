//go:build !unix

package sandbox

import "os/exec"

// Ansible runs on Unix only; these let the package build elsewhere.

func leadGroup(*exec.Cmd) {}

func interruptGroup(command *exec.Cmd) { killGroup(command) }

func killGroup(command *exec.Cmd) { _ = command.Process.Kill() } // it may have ended

func killMarked(string) {}
