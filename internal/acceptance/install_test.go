package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInstall follows the README's ways to install the provider before it is in a registry, command by command, and works
// with what each has installed. Only make is not the real one: it brings the provider that the tests have built.
func TestInstall(t *testing.T) {
	t.Parallel()
	ways := slices.DeleteFunc(fencesOf(t, "README.md"), func(each fence) bool { return each.directive != "install" })
	if len(ways) != 3 {
		t.Fatalf("the README has %d ways to install", len(ways))
	}
	for i, way := range ways {
		t.Run(fmt.Sprintf("way %d", i+1), func(t *testing.T) {
			t.Parallel()
			site := StartSandbox(t)
			w := site.workspace("instance.tf", vars{"name": site.newName()})
			home := w.installed(way)
			w.environment = slices.DeleteFunc(w.environment, func(entry string) bool { return strings.HasPrefix(entry, "TF_CLI_CONFIG_FILE=") })
			w.env("HOME=" + home)
			if overridden := strings.Contains(way.text, "dev_overrides"); !overridden {
				w.run("init", "-no-color").want(0).says("Installing osac-project/osac v0.1.0")
			} else {
				w.run("validate", "-no-color").want(0).says("development overrides are in effect")
			}
			w.run("plan", "-no-color").want(0).says("1 to add")
		})
	}
}

// installed runs the commands of the README in a home of their own, and returns that.
func (w *workspace) installed(way fence) string {
	w.t.Helper()
	config, err := cliConfigPath()
	if err != nil {
		w.t.Fatal(err)
	}
	w.folder("home/stubs")
	home := filepath.Join(w.directory, "home")
	built := filepath.Join(filepath.Dir(config), "provider", providerBinary)
	stub := fmt.Sprintf("#!/bin/sh\n[ \"$*\" = build ] && mkdir -p bin && cp %s bin/\n", built)
	if err := os.WriteFile(filepath.Join(home, "stubs", "make"), []byte(stub), 0o700); err != nil {
		w.t.Fatal(err)
	}
	text := way.text
	if strings.HasPrefix(w.run("version").want(0).output, "OpenTofu") {
		text = strings.ReplaceAll(text, "registry.terraform.io", "registry.opentofu.org")
	}
	script := exec.Command("sh", "-euc", text)
	script.Dir = home
	script.Env = append(os.Environ(), "HOME="+home, "PATH="+filepath.Join(home, "stubs")+":"+os.Getenv("PATH"))
	if output, err := script.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", way.origin, err, output)
	}
	return home
}
