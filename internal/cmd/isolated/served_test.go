package isolated

import (
	"strings"
	"testing"
)

func TestReattachmentIsReadFromWhatTheProviderPrints(t *testing.T) {
	served := "Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable:\n\n" +
		"\tTF_REATTACH_PROVIDERS='{\"registry.terraform.io/osac-project/osac\":{}}'\n"
	if got, err := reattachment(strings.NewReader(served)); err != nil || got != `{"registry.terraform.io/osac-project/osac":{}}` {
		t.Errorf("reattachment = %q, %v", got, err)
	}
	if _, err := reattachment(strings.NewReader("panic: no\n")); err == nil {
		t.Error("a provider that ended was served")
	}
}
