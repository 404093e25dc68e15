// Package isolated has the tools of the demo and of the measuring commands to run Terraform without interference from
// the user: no settings, no other version of the provider, and no signals but those sent on purpose.
package isolated

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Environment is the user's environment without the variables of Terraform and the provider, and with the path of the
// setting to use.
func Environment(setting string) []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !slices.ContainsFunc([]string{"TF_", "TFC_", "OSAC_", "AAP_", "CONTROLLER_"}, func(prefix string) bool {
			return strings.HasPrefix(variable, prefix)
		}) {
			kept = append(kept, variable)
		}
	}
	return append(kept, "TF_CLI_CONFIG_FILE="+setting, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
}

// Override makes a folder with the provider's binary under the name for its source, and returns the setting that makes
// Terraform use it.
func Override(folder, source, binary string) (string, error) {
	plugins := filepath.Join(folder, ".plugins")
	if err := os.MkdirAll(plugins, 0o750); err != nil {
		return "", err
	}
	address := source
	if strings.Count(address, "/") == 1 {
		address = "registry.terraform.io/" + address
	}
	setting := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, plugins)
	return setting, os.Symlink(binary, filepath.Join(plugins, "terraform-provider-"+path.Base(source)))
}
