package acceptance

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// releaseToKeep is a release whose state file is to be added by: go test ./internal/acceptance -run X44 -keep-release 0.2.0.
var releaseToKeep = flag.String("keep-release", "", "add what this provider makes of the newest kept configuration as the `version`'s state file")

// TestAccX44_providerUpgraded plans what every earlier release has applied, with the state file that it left: there is
// nothing to do, and no version has changed. The jobs of that time are long purged.
func TestAccX44_providerUpgraded(t *testing.T) {
	if *releaseToKeep != "" {
		keepRelease(t, *releaseToKeep)
	}
	releases, err := filepath.Glob("testdata/releases/*")
	if err != nil || len(releases) == 0 {
		t.Fatalf("no releases are kept: %v", err)
	}
	for _, release := range releases {
		t.Run(filepath.Base(release), func(t *testing.T) {
			t.Parallel()
			planKeptRelease(t, release)
		})
	}
}

// keepRelease applies a release's configuration, main.tf beside the state file to be, with the provider as it is now. A
// release whose schema grew gets a configuration with what is new; else that of the release before is taken over. What is
// kept is never changed.
func keepRelease(t *testing.T, version string) {
	directory := filepath.Join("testdata/releases", version)
	kept := filepath.Join(directory, "release.tfstate")
	if _, err := os.Stat(kept); err == nil {
		t.Fatalf("%s is there already, and never changed", kept)
	}
	configuration, err := os.ReadFile(filepath.Join(directory, "main.tf"))
	if err != nil {
		t.Fatalf("write the release's configuration first, such as a copy of that of the release before: %v", err)
	}
	site := StartSimulated(t)
	w := site.workspace("versions.tf", nil)
	w.remove("versions.tf")
	w.write("main.tf", string(configuration))
	w.env("OSAC_AAP_URL="+site.url, "OSAC_AAP_TOKEN="+site.token)
	w.apply()
	w.wantNoWork()
	state, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	state = bytes.ReplaceAll(state, []byte(site.url), []byte("https://aap.example.com"))
	if err := os.WriteFile(kept, state, 0o600); err != nil {
		t.Fatal(err)
	}
}

// keptVersions finds the versions in a state file. OpenTofu writes it without spaces.
var keptVersions = regexp.MustCompile(`"(?:desired_config_version|reconciled_config_version|inputs_version)": ?"([0-9a-f]{16})"`)

func planKeptRelease(t *testing.T, release string) {
	kept, err := os.ReadFile(filepath.Join(release, "release.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	controller := regexp.MustCompile(`"controller_uuid": "([0-9a-f-]+)"`).FindSubmatch(kept)
	if controller == nil {
		t.Fatal("the state file names no controller")
	}
	site := StartSimulated(t, func(o *sandbox.Options) { o.InstallUUID = string(controller[1]) })
	w := site.workspace(filepath.Join("releases", filepath.Base(release), "main.tf"), nil)
	w.write("terraform.tfstate", string(kept))
	w.env("OSAC_AAP_URL="+site.url, "OSAC_AAP_TOKEN="+site.token)
	w.wantNoWork()
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color").want(0)
	refreshed, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	before, after := keptVersions.FindAllStringSubmatch(string(kept), -1), keptVersions.FindAllStringSubmatch(string(refreshed), -1)
	if len(before) == 0 || len(before) != len(after) {
		t.Fatalf("the versions before are %v, those after %v", before, after)
	}
	for i := range before {
		if before[i][1] != after[i][1] {
			t.Errorf("a version has changed: %s is now %s", before[i][0], after[i][0])
		}
	}
	w.wantNoWork()
	if launched := site.faults().Jobs(); len(launched) > 0 {
		t.Errorf("%d jobs were launched for an unchanged configuration", len(launched))
	}
}
