package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

// configuration is what Terraform is run on.
//
//go:embed configuration/main.tf
var configuration embed.FS

// mirrorVersion is the version under which Terraform installs the binary.
const mirrorVersion = "0.0.1"

// workspace is a temporary folder with the configuration, and with a mirror in which "terraform init" finds the new
// binary.
type workspace struct {
	folder     string
	main       string
	cliSetting string // path of the file that tells Terraform of the mirror
}

func newWorkspace(provider string) (*workspace, error) {
	binary, err := os.ReadFile(provider) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("there is no provider, run make build first: %w", err)
	}
	folder, err := os.MkdirTemp("", "osac-demo-")
	if err != nil {
		return nil, err
	}
	w := &workspace{folder: folder, cliSetting: filepath.Join(folder, ".terraformrc")}
	if err := w.fill(binary); err != nil {
		_ = w.remove() // the first error tells more
		return nil, fmt.Errorf("fill the folder for Terraform: %w", err)
	}
	return w, nil
}

func (w *workspace) fill(binary []byte) error {
	text, err := configuration.ReadFile("configuration/main.tf")
	if err != nil {
		return err
	}
	w.main = string(text)
	if err := w.write("main.tf", w.main); err != nil {
		return err
	}
	mirror := filepath.Join(w.folder, ".mirror")
	setting := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	if err := os.WriteFile(w.cliSetting, []byte(setting), 0o600); err != nil {
		return err
	}
	// Terraform and OpenTofu each complete the address "osac-project/osac" with their own registry.
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		platform := filepath.Join(mirror, registry, "osac-project", "osac", mirrorVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(platform, 0o750); err != nil {
			return err
		}
		name := "terraform-provider-osac_v" + mirrorVersion
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		if err := os.WriteFile(filepath.Join(platform, name), binary, 0o700); err != nil { //nolint:gosec // it is executed
			return err
		}
	}
	return nil
}

// write creates or replaces a file of the configuration.
func (w *workspace) write(name, text string) error {
	return os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600)
}

func (w *workspace) remove() error { return os.RemoveAll(w.folder) }

// environment is the user's environment without variables that would disturb, and with the controller's settings.
func (w *workspace) environment(c *controller) []string {
	return append(isolated.Environment(w.cliSetting), "OSAC_AAP_URL="+c.url, "OSAC_AAP_TOKEN="+c.Token())
}
