//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

const configuration = `terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "instances" {
  type = number
}

variable "label" {
  type = string
}

resource "osac_compute_instance" "this" {
  count = var.instances

  name       = "soak-${count.index}"
  cores      = 2
  memory_gib = 4
  labels     = { soak = var.label }
}
`

// terraform runs commands in one folder.
type terraform struct {
	folder      string
	environment []string
	parallelism string
}

func newTerraform(c *controller, instances, parallelism int) (*terraform, error) {
	folder, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return nil, err
	}
	setting := filepath.Join(folder, ".terraformrc")
	t := &terraform{folder: folder, parallelism: fmt.Sprintf("-parallelism=%d", parallelism)}
	t.environment = append(isolated.Environment(setting),
		"OSAC_AAP_URL="+c.url, "OSAC_AAP_TOKEN="+c.token, fmt.Sprintf("TF_VAR_instances=%d", instances))
	// Where the provider comes from is told by TF_REATTACH_PROVIDERS.
	return t, errors.Join(
		os.WriteFile(setting, []byte("disable_checkpoint = true\n"), 0o600),
		os.WriteFile(filepath.Join(folder, "main.tf"), []byte(configuration), 0o600))
}

func (t *terraform) run(ctx context.Context, reattach, label string, arguments ...string) error {
	arguments = append(arguments[:1:1], append([]string{"-no-color", t.parallelism}, arguments[1:]...)...)
	environment := append(slices.Clip(t.environment), "TF_REATTACH_PROVIDERS="+reattach, "TF_VAR_label="+label)
	var output strings.Builder
	cmd := isolated.Terraform(ctx, t.folder, environment, arguments...)
	cmd.Stdout, cmd.Stderr = &output, &output
	exit, err := isolated.Run(ctx, cmd)
	if err == nil && exit != 0 {
		err = fmt.Errorf("terraform %s ended with %d:\n%s", arguments[0], exit, isolated.Ending(output.String()))
	}
	return err
}

func (t *terraform) remove() error { return os.RemoveAll(t.folder) }
