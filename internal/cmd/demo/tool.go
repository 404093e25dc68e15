package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// wanted are the versions with write-only attributes, for Terraform and OpenTofu alike.
const wanted = ">= 1.11, < 2.0"

// tool is a command-line program that runs providers.
type tool struct {
	path, name, version string
}

// String returns the tool's name and version.
func (t tool) String() string { return t.name + " " + t.version }

// findTool returns the tool of TF_ACC_TERRAFORM_PATH, or the one on PATH or in the cache, or else installs Terraform.
func findTool(ctx context.Context, out io.Writer) (tool, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		found, err := choose([]string{path}, askVersion(ctx))
		if err != nil {
			return tool{}, fmt.Errorf("TF_ACC_TERRAFORM_PATH: %w", err)
		}
		return found, nil
	}
	folder, err := installFolder()
	if err != nil {
		return tool{}, err
	}
	installed := filepath.Join(folder, product.Terraform.BinaryName())
	found, err := choose([]string{"terraform", "tofu", installed}, askVersion(ctx))
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	_, _ = fmt.Fprintf(out, "%v\nInstalling Terraform from releases.hashicorp.com into %s ...\n\n", err, folder)
	if err := installTerraform(ctx, folder); err != nil {
		return tool{}, fmt.Errorf("could not install it; put Terraform or OpenTofu 1.11 or later on PATH: %w", err)
	}
	return choose([]string{installed}, askVersion(ctx))
}

// choose returns the first candidate that exists and has a wanted version. The error says what is wrong with each.
func choose(candidates []string, ask func(path string) (string, error)) (tool, error) {
	var problems error
	for _, candidate := range candidates {
		path, err := exec.LookPath(candidate)
		if err == nil {
			path, err = filepath.Abs(path) // Terraform is started in another folder
		}
		if err != nil {
			continue // not installed
		}
		answer, err := ask(path)
		if err == nil {
			var found tool
			if found, err = parseVersion(answer); err == nil {
				found.path = path
				return found, nil
			}
		}
		problems = errors.Join(problems, fmt.Errorf("%s can't be used: %w", path, err))
	}
	if problems == nil {
		problems = errors.New("not found: " + strings.Join(candidates, ", "))
	}
	return tool{}, problems
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

// parseVersion reads the output of "terraform version". A pre-release counts as the release that it precedes.
func parseVersion(answer string) (tool, error) {
	match := versionLine.FindStringSubmatch(answer)
	if match == nil {
		return tool{}, errors.New("it doesn't say its version")
	}
	found := tool{name: match[1], version: match[2]}
	parsed, err := version.NewVersion(found.version)
	if err != nil {
		return tool{}, err
	}
	constraints, err := version.NewConstraint(wanted)
	if err != nil {
		return tool{}, err
	}
	if !constraints.Check(parsed.Core()) {
		return tool{}, fmt.Errorf("%s is not %s", found, wanted)
	}
	return found, nil
}

// askVersion runs a candidate.
func askVersion(ctx context.Context) func(path string) (string, error) {
	return func(path string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "version") //nolint:gosec // the user's own Terraform
		cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=", "TF_CLI_ARGS_version=", "TF_CLI_CONFIG_FILE="+os.DevNull)
		answer, err := cmd.Output()
		return string(answer), err
	}
}

// installFolder is the folder that Terraform is installed to, and found in the next time.
func installFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(cache, "terraform-provider-osac"), nil
}

func installTerraform(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	constraints, err := version.NewConstraint(wanted)
	if err != nil {
		return err
	}
	_, err = install.NewInstaller().Install(ctx, []src.Installable{&releases.LatestVersion{
		Product:     product.Terraform,
		Constraints: constraints,
		InstallDir:  folder,
		Timeout:     5 * time.Minute,
	}})
	return err
}
