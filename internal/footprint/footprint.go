// Package footprint keeps what the provider's process takes of the machine small. A command that serves the provider to
// measure it calls it as the released one does.
package footprint

import (
	"cmp"
	"log"
	"os"
	"runtime/debug"
)

// Reduce is called once, before the provider is served.
func Reduce() {
	quietLibraries()
	collectLazily()
}

// quietLibraries has the plugin libraries write no more lines than Terraform will show. Left alone they write all that
// they do at TRACE for Terraform to drop, which took a third of the CPU time of a plan of 300 instances.
func quietLibraries() {
	const variable = "TF_LOG_SDK"
	level := cmp.Or(os.Getenv(variable), os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "ERROR")
	if err := os.Setenv(variable, level); err != nil {
		log.Print(err)
	}
}

const (
	// garbagePercent is how much the heap may grow, in percent of what is alive, before it is collected.
	garbagePercent = 1000
	// softMemoryLimit, in bytes, is where it is collected as often as it takes.
	softMemoryLimit = 110 << 20
)

// collectLazily trades memory that is there for CPU time: the framework makes much garbage of little that is alive, and
// collecting it took another third of the time of a large plan. The environment's GOGC and GOMEMLIMIT go first.
func collectLazily() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}
