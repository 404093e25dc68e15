package main

import (
	"fmt"
	"slices"
	"strings"
)

// machine is one of the machines in terraform.tfvars.
type machine struct {
	size               string
	cores, memoryGiB   int
	runStrategy        string
	restartRequestedAt string
	exposedPorts       string
}

// String is the machine's line in terraform.tfvars.
func (m machine) String() string {
	var line strings.Builder
	fmt.Fprintf(&line, "%-6s = { cores = %d, memory_gib = %d", m.size, m.cores, m.memoryGiB)
	for _, setting := range [][2]string{
		{"run_strategy", m.runStrategy}, {"restart_requested_at", m.restartRequestedAt}, {"exposed_ports", m.exposedPorts},
	} {
		if setting[1] != "" {
			fmt.Fprintf(&line, ", %s = %q", setting[0], setting[1])
		}
	}
	line.WriteString(" }")
	return line.String()
}

// machines are the machines in terraform.tfvars.
type machines []*machine

func threeSizes() machines {
	return machines{
		{size: "small", cores: 1, memoryGiB: 2},
		{size: "medium", cores: 2, memoryGiB: 4},
		{size: "large", cores: 4, memoryGiB: 8},
	}
}

func (all machines) sized(size string) *machine {
	return all[slices.IndexFunc(all, func(m *machine) bool { return m.size == size })]
}

// tfvars is the text of terraform.tfvars.
func (all machines) tfvars() string {
	var text strings.Builder
	text.WriteString("machines = {\n")
	for _, m := range all {
		text.WriteString("  " + m.String() + "\n")
	}
	text.WriteString("}\n")
	return text.String()
}
