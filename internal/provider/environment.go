package provider

import (
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables that stand in for settings of the default hub: first the names that OSAC's operator uses
// (contract/osac/README.md, section 5), then those of the ansible/aap provider.
const (
	envURL                = "OSAC_AAP_URL"
	envToken              = "OSAC_AAP_TOKEN" //nolint:gosec // the name of a variable, not its value
	envTemplatePrefix     = "OSAC_AAP_TEMPLATE_PREFIX"
	envCreateTemplate     = "OSAC_AAP_PROVISION_TEMPLATE"
	envDeleteTemplate     = "OSAC_AAP_DEPROVISION_TEMPLATE"
	envInsecureSkipVerify = "OSAC_AAP_INSECURE_SKIP_VERIFY"
	envPollInterval       = "OSAC_AAP_STATUS_POLL_INTERVAL"
	envMaxJobHistory      = "OSAC_MAX_JOB_HISTORY"
	envNamespace          = "OSAC_COMPUTE_INSTANCE_NAMESPACE"

	envCreateWebhook          = "OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK"
	envDeleteWebhook          = "OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK"
	envMinimumRequestInterval = "OSAC_MINIMUM_REQUEST_INTERVAL"

	envPeerURL                = "AAP_HOSTNAME"
	envPeerToken              = "AAP_TOKEN"
	envPeerUsername           = "AAP_USERNAME"
	envPeerPassword           = "AAP_PASSWORD"
	envPeerInsecureSkipVerify = "AAP_INSECURE_SKIP_VERIFY"
)

// environment answers for environment variables; one that is empty counts as not set.
type environment func(name string) string

func processEnvironment(name string) string { return os.Getenv(name) }

// noEnvironment is what other hubs than the default see.
func noEnvironment(string) string { return "" }

// setting is a value with where it comes from.
type setting struct {
	value string
	// variable is the environment variable that the value comes from; empty for one that is configured.
	variable string
}

func (s setting) isSet() bool { return s.value != "" }

// of returns the configured value, else that of the first variable that is set.
func (e environment) of(configured types.String, variables ...string) setting {
	if !configured.IsNull() {
		return setting{value: configured.ValueString()}
	}
	for _, variable := range variables {
		if value := strings.TrimSpace(e(variable)); value != "" {
			return setting{value: value, variable: variable}
		}
	}
	return setting{}
}

// source names where the setting comes from, for messages.
func (s setting) source(attribute string) string {
	if s.variable != "" {
		return "the environment variable " + s.variable
	}
	return attribute
}
