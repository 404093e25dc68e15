// Package footprint limits the CPU time and memory of the provider's process. A command that serves the provider to
// measure it calls Reduce as the released provider does.
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

// quietLibraries keeps the plugin libraries from writing log lines that Terraform drops. By default they write
// everything at TRACE, which took a third of the CPU time of a plan of 300 instances.
func quietLibraries() {
	const variable = "TF_LOG_SDK"
	level := cmp.Or(os.Getenv(variable), os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "ERROR")
	if err := os.Setenv(variable, level); err != nil {
		log.Print(err)
	}
}

const (
	// garbagePercent is how much the heap may grow between two collections, in percent of the live heap.
	garbagePercent = 1000
	// softMemoryLimit, in bytes, is the size above which the heap is collected as often as necessary.
	softMemoryLimit = 110 << 20
)

// collectLazily trades unused memory for CPU time. The framework makes much garbage and keeps little of it, and
// collecting that garbage took another third of the time of a large plan. The environment's GOGC and GOMEMLIMIT take
// precedence.
func collectLazily() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}
