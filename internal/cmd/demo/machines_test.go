package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTfvars(t *testing.T) {
	all := threeSizes()
	all.sized("small").runStrategy = "Halted"
	all.sized("large").exposedPorts = "22/tcp,443/tcp"
	want := `machines = {
  small  = { cores = 1, memory_gib = 2, run_strategy = "Halted" }
  medium = { cores = 2, memory_gib = 4 }
  large  = { cores = 4, memory_gib = 8, exposed_ports = "22/tcp,443/tcp" }
}
`
	if diff := cmp.Diff(want, all.tfvars()); diff != "" {
		t.Error(diff)
	}
}
