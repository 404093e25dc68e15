package acceptance

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// scratch is the run's own temporary directory. The provider's binary is there, Terraform's where it has to be installed,
// and all that tests, Terraform and killed providers leave, such as the sockets of go-plugin.
var scratch string // A short name, since sockets are in it: their paths may have 104 bytes.

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "osac-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a temporary directory
	cleanUpWhenStopped()
	flag.Parse()
	for _, prepare := range []func() error{prepareEnvironment, runMoreAtOnce, measureStart} {
		if err := prepare(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// cleanUpWhenStopped kills what still runs and removes the scratch directory when somebody stops the tests.
func cleanUpWhenStopped() {
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stopped
		// What was killed may still write, and tests that are not over may start more.
		for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			killAll()
			_ = os.RemoveAll(scratch) // the next round removes the rest
		}
		os.Exit(130)
	}()
}

// runMoreAtOnce lets more tests run at once than there are processors, unless -parallel says how many: most of their
// time goes by in waiting for jobs.
func runMoreAtOnce() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0)))
}

// every returns the ways in which a scenario is run. With -short that is the first: the others show the same of another
// signal or process.
func every[T any](ways []T) []T {
	if testing.Short() {
		return ways[:1]
	}
	return ways
}

// owner is the state's name in all tests that don't give another: without one, nothing that a crash has left is taken up.
const (
	owner         = "acceptance"
	ownerVariable = "OSAC_OWNER"
)

// prepareEnvironment makes terraform-plugin-testing serve the provider under its real address, and keeps settings of the
// person who runs the tests from reaching the provider that it serves in this process.
func prepareEnvironment() error {
	for _, name := range ownVariables() {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	// Terraform's CLI configuration of the person who runs the tests may override the provider; a file that doesn't
	// exist breaks OpenTofu.
	empty := filepath.Join(scratch, "empty.tfrc")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"TF_ACC_PROVIDER_NAMESPACE": "osac-project",
		"TF_CLI_CONFIG_FILE":        empty,
		"CHECKPOINT_DISABLE":        "1",
		"TMPDIR":                    scratch,
		ownerVariable:               owner,
		// Terraform's commands are too short to collect garbage in.
		"GOGC":       "off",
		"GOMEMLIMIT": "400MiB",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return serveOpenTofu()
}

// serveOpenTofu makes terraform-plugin-testing serve the provider under the address that it has in OpenTofu, if that is
// what runs the tests.
func serveOpenTofu() error {
	if os.Getenv("TF_ACC") == "" {
		return nil
	}
	found, err := terraformVersion()
	if err != nil || found.product != openTofu {
		return err
	}
	return os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
}
