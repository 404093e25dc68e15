package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestWorkspaceHasAMirrorAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	binary := filepath.Join(t.TempDir(), "terraform-provider-osac")
	if err := os.WriteFile(binary, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := newWorkspace(binary)
	if err != nil {
		t.Fatal(err)
	}
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, path := range []string{
		"main.tf", ".terraformrc",
		".mirror/registry.terraform.io/osac-project/osac/0.0.1/" + platform,
		".mirror/registry.opentofu.org/osac-project/osac/0.0.1/" + platform,
	} {
		if _, err := fs.Stat(os.DirFS(w.folder), path); err != nil {
			t.Error(err)
		}
	}

	environment := w.environment(&controller{Sandbox: newSandbox(), url: "http://127.0.0.1:1"})
	if !slices.Contains(environment, "OSAC_AAP_URL=http://127.0.0.1:1") || !slices.Contains(environment, "PATH="+os.Getenv("PATH")) {
		t.Errorf("the environment lacks the controller or the user's own: %q", environment)
	}

	if err := w.remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestWorkspaceNeedsTheBinary(t *testing.T) {
	if _, err := newWorkspace(filepath.Join(t.TempDir(), "missing")); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("newWorkspace = %v; want an error that says what to do", err)
	}
}
