package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for answer, want := range map[string]string{
		"Terraform v1.11.4\non linux_amd64\n":                         "Terraform 1.11.4",
		"OpenTofu v1.12.6\non darwin_arm64\n":                         "OpenTofu 1.12.6",
		"\nWarning: no such setting\n\nTerraform v1.11.0-rc1\non a\n": "Terraform 1.11.0-rc1",
	} {
		found, err := parseVersion(answer)
		if err != nil || found.String() != want {
			t.Errorf("parseVersion(%q) = %v, %v; want %s", answer, found, err, want)
		}
	}
	for _, answer := range []string{"", "Terragrunt v1.12.0", "Terraform v1.10.5", "OpenTofu v1.10.0", "Terraform v2.0.0", "Terraform vNext"} {
		if found, err := parseVersion(answer); err == nil {
			t.Errorf("parseVersion(%q) = %v; want an error", answer, found)
		}
	}
}

func TestChooseTakesTheFirstOfAWantedVersion(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	answers := map[string]string{
		path("old"): "Terraform v1.5.7\n", path("new"): "OpenTofu v1.11.0\n", path("newer"): "Terraform v1.14.0\n", path("broken"): "",
	}
	ask := func(path string) (string, error) {
		if answers[path] == "" {
			return "", errors.New("exit status 1")
		}
		return answers[path], nil
	}
	at := func(name string) string { return filepath.Join(folder, name) }

	found, err := choose([]string{at("missing"), at("broken"), at("old"), at("new"), at("newer")}, ask)
	if err != nil || found.path != at("new") || found.String() != "OpenTofu 1.11.0" {
		t.Errorf("choose = %+v, %v; want OpenTofu at %s", found, err, at("new"))
	}

	_, err = choose([]string{at("broken"), at("old")}, ask)
	for _, part := range []string{at("broken") + " can't be used: exit status 1", "Terraform 1.5.7 is not >= 1.11"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error %v does not say %q", err, part)
		}
	}

	if _, err = choose([]string{at("missing")}, ask); err == nil {
		t.Error("choose found something where there is nothing")
	}
}
