package isolated

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnvironmentLeavesOutWhatDisturbs(t *testing.T) {
	for _, name := range []string{"TF_LOG", "OSAC_AAP_URL", "AAP_HOSTNAME", "CONTROLLER_HOST", "TFC_WORKSPACE_SLUG"} {
		t.Setenv(name, "the user's")
	}
	environment := Environment("/setting")
	if !slices.Contains(environment, "TF_CLI_CONFIG_FILE=/setting") || !slices.Contains(environment, "PATH="+os.Getenv("PATH")) {
		t.Errorf("the setting or PATH is missing: %v", environment)
	}
	if at := slices.IndexFunc(environment, func(one string) bool { return strings.HasSuffix(one, "=the user's") }); at >= 0 {
		t.Errorf("%s is passed on", environment[at])
	}
}

func TestOverrideLinksTheBinaryUnderTheSourcesName(t *testing.T) {
	folder, binary := t.TempDir(), filepath.Join(t.TempDir(), "built")
	setting, err := Override(folder, "ansible/aap", binary)
	if err != nil {
		t.Fatal(err)
	}
	plugins := filepath.Join(folder, ".plugins")
	if want := `"registry.terraform.io/ansible/aap" = "` + plugins + `"`; !strings.Contains(setting, want) {
		t.Errorf("the setting lacks %s:\n%s", want, setting)
	}
	if target, err := os.Readlink(filepath.Join(plugins, "terraform-provider-aap")); err != nil || target != binary {
		t.Errorf("the link leads to %q, %v", target, err)
	}
}
