// Package workaround holds what the provider does around HashiCorp's plugin libraries, one workaround a file. The
// libraries answer correctly but slowly, or keep what they no longer need, and a plan of a thousand instances shows it.
//
// Each file says what it works around, in which function of which version of which module, what the provider costs
// without it, and when the workaround can go. .github/UPSTREAM.md proposes the changes that would let it go.
// TestCitedVersions fails on an upgrade of a module, so that somebody reads the function again.
//
// The figures are the provider's CPU time for a plan of 300 and of 1,000 unchanged instances against the sandbox,
// measured with one workaround switched off at a time.
//
// The package knows no kind of object, and no other package of the provider.
package workaround

// TuneProcess prepares the process once, before the provider is served.
func TuneProcess() {
	quietLibraries()
	collectLazily()
}
