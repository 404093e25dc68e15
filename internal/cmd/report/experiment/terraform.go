package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

//go:embed configuration/main.tf
var configuration []byte

// workspace is a folder in which Terraform runs the configuration with the built provider.
type workspace struct {
	folder      string
	environment []string
}

func newWorkspace(folder, provider string, site *controller, jobs map[string]lengths) (*workspace, error) {
	encoded, err := json.Marshal(jobs)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		return nil, err
	}
	overrides, err := isolated.Override(folder, "osac-project/osac", provider)
	setting := filepath.Join(folder, ".terraformrc")
	w := &workspace{folder: folder, environment: append(isolated.Environment(setting),
		"OSAC_AAP_URL="+site.url, "OSAC_AAP_TOKEN="+ownToken, "TF_VAR_jobs="+string(encoded))}
	return w, errors.Join(err,
		os.WriteFile(setting, []byte("disable_checkpoint = true\n"+overrides), 0o600),
		os.WriteFile(filepath.Join(folder, "main.tf"), configuration, 0o600))
}

// sendEventsTo has the provider start runs by events.
func (w *workspace) sendEventsTo(webhook string) error {
	encoded, err := json.Marshal(map[string]string{
		"create_url": webhook + "/create-compute-instance", "delete_url": webhook + "/delete-compute-instance",
	})
	w.environment = append(w.environment, "TF_VAR_eda="+string(encoded))
	return err
}

// run runs a command of Terraform that has to succeed.
func (w *workspace) run(ctx context.Context, arguments ...string) error {
	path := filepath.Join(w.folder, arguments[0]+".txt")
	out, err := os.Create(path) //nolint:gosec // in our own folder
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // Terraform has its own
	cmd := isolated.Terraform(ctx, w.folder, w.environment, arguments...)
	cmd.Stdout, cmd.Stderr = out, out
	exit, err := isolated.Run(ctx, cmd)
	if err == nil && exit != 0 {
		text, unread := os.ReadFile(path) //nolint:gosec // in our own folder
		err = errors.Join(fmt.Errorf("terraform %s ended with %d:\n%s", arguments[0], exit, isolated.Ending(string(text))), unread)
	}
	return err
}
