package acceptance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/checkpoint"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/src"
)

// readByTheProvider reports whether a variable of the environment is one that the provider may read.
func readByTheProvider(name string) bool {
	return slices.ContainsFunc([]string{"OSAC_", "AAP_", "CONTROLLER_", "TFC_", "TF_HTTP_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// ownVariables are the variables of the environment that the provider reads: none of them may reach a test by chance.
func ownVariables() []string {
	var names []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if readByTheProvider(name) && !strings.HasPrefix(name, "OSAC_ACC_") {
			names = append(names, name)
		}
	}
	return names
}

// terraformPath finds Terraform as terraform-plugin-testing does: where TF_ACC_TERRAFORM_PATH says, else on PATH, else
// it is installed for this run.
var terraformPath = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	if path, err := exec.LookPath("terraform"); err == nil {
		return path, nil
	}
	directory := filepath.Join(scratch, "terraform")
	if err := os.Mkdir(directory, 0o700); err != nil {
		return "", err
	}
	return install.NewInstaller().Ensure(context.Background(), []src.Source{
		&checkpoint.LatestVersion{InstallDir: directory, Product: product.Terraform},
	})
})

// cliConfigPath builds the provider and returns the CLI configuration that makes Terraform, or OpenTofu, use it.
var cliConfigPath = sync.OnceValues(func() (string, error) {
	var flags []string
	if os.Getenv("GOCOVERDIR") != "" { // make cover counts what the binary reaches
		flags = []string{"-cover", "-coverpkg=github.com/osac-project/terraform-provider-osac/internal/..."}
	}
	return buildProvider("provider", "../..", flags...)
})

// panickingConfigPath does the same for a provider that panics while it follows a job.
var panickingConfigPath = sync.OnceValues(func() (string, error) {
	return buildProvider("panicking", "./testdata/panicking")
})

// buildProvider builds a package as the provider, and returns a CLI configuration with it.
func buildProvider(name, source string, flags ...string) (string, error) {
	directory := filepath.Join(scratch, name)
	arguments := append([]string{"build", "-o", filepath.Join(directory, providerBinary)}, flags...)
	build := exec.Command("go", append(arguments, source)...)
	build.Env = append(os.Environ(), "GOGC=", "GOMEMLIMIT=") // as usual: they are set for Terraform
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	config := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "registry.terraform.io/osac-project/osac" = %[1]q
    "registry.opentofu.org/osac-project/osac" = %[1]q
  }
  direct {}
}
`, directory)
	path := filepath.Join(scratch, name+".tfrc")
	return path, os.WriteFile(path, []byte(config), 0o600)
}

const providerBinary = "terraform-provider-osac"

// cliEnvironment is the environment of Terraform in a workspace whose provider logs go to logPath.
func cliEnvironment(t *testing.T, logPath string) []string {
	t.Helper()
	config, err := cliConfigPath()
	if err != nil {
		t.Fatal(err)
	}
	var environment []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !readByTheProvider(entry) {
			environment = append(environment, entry)
		}
	}
	return append(environment,
		"TF_CLI_CONFIG_FILE="+config, ownerVariable+"="+owner, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+logPath)
}

// cli is the product that runs the tests, with its version.
type cli struct {
	product      string
	major, minor int
}

// openTofu is the name that OpenTofu has for itself.
const openTofu = "OpenTofu"

// openTofuSince are the minor versions of OpenTofu 1 that brought what tests want a version of Terraform for. What is not
// here it does not have, such as actions.
var openTofuSince = map[string]int{"functions": 7, "imports by id": 7, "imports by identity": 12}

var terraformVersion = sync.OnceValues(func() (cli, error) {
	path, err := terraformPath()
	if err != nil {
		return cli{}, err
	}
	output, err := exec.Command(path, "version").Output()
	if err != nil {
		return cli{}, err
	}
	var found cli
	_, err = fmt.Sscanf(string(output), "%s v%d.%d", &found.product, &found.major, &found.minor)
	return found, err
})

// needsTerraform skips the test where Terraform is too old for what it is about, or OpenTofu does not have it.
func (w *workspace) needsTerraform(major, minor int, what string) {
	w.t.Helper()
	found, err := terraformVersion()
	if err != nil {
		w.t.Fatal(err)
	}
	if found.product == openTofu {
		since, has := openTofuSince[what]
		if !has {
			w.t.Skipf("%s: OpenTofu %d.%d does not have them", what, found.major, found.minor)
		}
		major, minor = 1, since
	}
	if found.major < major || found.major == major && found.minor < minor {
		w.t.Skipf("%s want %s %d.%d; this is %d.%d", what, found.product, major, minor, found.major, found.minor)
	}
}
