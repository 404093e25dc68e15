package hubs

import (
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// The environment variables of the default hub's settings: first the names of OSAC's operator, then those of the
// ansible/aap provider, then those of Red Hat's collections (ansible.controller and awx.awx, ansible.platform).
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

	envCollectionURL       = "CONTROLLER_HOST"
	envCollectionToken     = "CONTROLLER_OAUTH_TOKEN"
	envCollectionUsername  = "CONTROLLER_USERNAME"
	envCollectionPassword  = "CONTROLLER_PASSWORD"
	envCollectionVerifySSL = "CONTROLLER_VERIFY_SSL"
	envValidateCerts       = "AAP_VALIDATE_CERTS"
)

// The environment variables of each setting that has several. The first one that is set counts.
var (
	urlVariables      = []string{envURL, envPeerURL, envCollectionURL}
	tokenVariables    = []string{envToken, envPeerToken, envCollectionToken}
	usernameVariables = []string{envPeerUsername, envCollectionUsername}
	passwordVariables = []string{envPeerPassword, envCollectionPassword}
	// The last two have the opposite meaning: whether certificates are verified.
	skipVerifyVariables = []string{envInsecureSkipVerify, envPeerInsecureSkipVerify, envCollectionVerifySSL, envValidateCerts}
	// hostVariables may name a host without a scheme; https is used then, as the collections do.
	hostVariables   = []string{envPeerURL, envCollectionURL}
	verifyVariables = []string{envCollectionVerifySSL, envValidateCerts}
)

// environment returns environment variables; an empty one counts as not set.
type environment func(name string) string

// ProcessEnvironment returns the variables of this process.
func ProcessEnvironment(name string) string { return os.Getenv(name) }

// noEnvironment is the environment of all hubs but the default.
func noEnvironment(string) string { return "" }

// setting is a value and its source.
type setting struct {
	value string
	// variable is the environment variable that the value comes from; empty if it is configured.
	variable string
}

func (s setting) isSet() bool { return s.value != "" }

// of returns the configured value, or else the value of the first variable that is set. White space around a value does
// not count: text from a file or a command ends with a line break.
func (e environment) of(configured types.String, variables ...string) setting {
	if !configured.IsNull() {
		return setting{value: tfvalue.Trimmed(configured)}
	}
	for _, variable := range variables {
		if value := strings.TrimSpace(e(variable)); value != "" {
			return setting{value: value, variable: variable}
		}
	}
	return setting{}
}

// truth reads a boolean as Ansible and Go write it.
func truth(text string) (bool, bool) {
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "on", "1":
		return true, true
	case "false", "f", "no", "n", "off", "0":
		return false, true
	}
	return false, false
}

// source names the setting's source, for messages.
func (s setting) source(attribute string) string {
	if s.variable != "" {
		return "the environment variable " + s.variable
	}
	return attribute
}
