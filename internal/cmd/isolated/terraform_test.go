package isolated

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnvironmentLeavesOutWhatDisturbs(t *testing.T) {
	for _, name := range []string{"TF_LOG", "OSAC_AAP_URL", "AAP_HOSTNAME"} {
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

func TestReattachmentIsReadFromWhatTheProviderPrints(t *testing.T) {
	served := "Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable:\n\n" +
		"\tTF_REATTACH_PROVIDERS='{\"registry.terraform.io/osac-project/osac\":{}}'\n"
	if got, err := Reattachment(strings.NewReader(served)); err != nil || got != `{"registry.terraform.io/osac-project/osac":{}}` {
		t.Errorf("Reattachment = %q, %v", got, err)
	}
	if _, err := Reattachment(strings.NewReader("panic: no\n")); err == nil {
		t.Error("a provider that ended was served")
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
