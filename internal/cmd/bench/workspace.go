package main

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

//go:embed configuration
var configurations embed.FS

// workspace is a folder in which Terraform runs a configuration.
type workspace struct {
	folder      string
	environment []string
	vars        string
	runs        int
}

// newWorkspace makes a folder with the files. Terraform uses the subject's binary for the subject's source; s is nil if
// no provider is needed.
func newWorkspace(scratch string, files map[string][]byte, s *subject, c *controller, instances int) (*workspace, error) {
	folder, err := os.MkdirTemp(scratch, "workspace-")
	if err != nil {
		return nil, err
	}
	w := &workspace{folder: folder}
	for name, text := range files {
		err = errors.Join(err, w.write(name, text))
	}
	setting := "disable_checkpoint = true\n"
	if s != nil {
		w.vars = s.vars
		overrides, linked := isolated.Override(folder, s.source, s.binary)
		setting, err = setting+overrides, errors.Join(err, linked)
	}
	w.environment = environment(c, instances, filepath.Join(folder, ".terraformrc"))
	return w, errors.Join(err, w.write(".terraformrc", []byte(setting)))
}

func (w *workspace) write(name string, text []byte) error {
	return os.WriteFile(filepath.Join(w.folder, name), text, 0o600)
}

// state is the path of the state.
func (w *workspace) state() string { return filepath.Join(w.folder, "terraform.tfstate") }

func (w *workspace) remove() error { return os.RemoveAll(w.folder) }

// environment is the user's environment without variables that would disturb, and with the controller's settings: under
// our provider's names, under those of ansible/aap, and as variables for providers that know neither.
func environment(c *controller, instances int, setting string) []string {
	token, box := c.options.Token, c.box.Load()
	return append(isolated.Environment(setting),
		"OSAC_AAP_URL="+c.url, "OSAC_AAP_TOKEN="+token, "AAP_HOSTNAME="+c.url, "AAP_TOKEN="+token,
		"TF_VAR_url="+c.url, "TF_VAR_token="+token, fmt.Sprintf("TF_VAR_instances=%d", instances),
		fmt.Sprintf("TF_VAR_create_template_id=%d", box.TemplateID(createTemplate)),
		fmt.Sprintf("TF_VAR_delete_template_id=%d", box.TemplateID(deleteTemplate)),
	)
}
