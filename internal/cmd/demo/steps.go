package main

import (
	"fmt"
	"strings"
	"time"
)

// The failing job's message.
const (
	failedTask    = "Create the load balancer for the exposed ports"
	failedHost    = "localhost"
	failedMessage = "exceeded quota: services.loadbalancers, used: 2, limited: 2"
)

// step is one command of Terraform, the preparation, and the expected result.
type step struct {
	title, text string
	// change changes the machine of this size in terraform.tfvars.
	size   string
	change func(*machine)
	// before is done to the controller.
	before    func(*controller)
	arguments []string

	// purpose is the report's name for the step's requests, if the step is about all machines.
	purpose string

	exit     int // the code that Terraform must end with
	launches int // the jobs that must be launched
	// check returns what is wrong with the output, or an empty text.
	check func(printed string, c *controller) string
}

// steps are the demo's steps. Each continues from the end of the previous one.
func steps() []step {
	apply := []string{"apply", "-auto-approve"}
	return []step{
		{
			title: "init", arguments: []string{"init"},
			text: "Terraform installs the provider, from the binary that was just built.",
		},
		{
			title: "plan: three machines to create", arguments: []string{"plan", "-out=create.tfplan"},
			text: "One template makes machines of all sizes. The plan also checks at the controller that the template is there.",
		},
		{
			title: "apply: three machines, three jobs at once", arguments: []string{"apply", "create.tfplan"}, launches: 3, purpose: "to create",
			text:  "Each job takes two seconds. One request every now and then watches all of them. The addresses are the simulated jobs' outputs; OSAC's own playbook reports none.",
			check: func(_ string, c *controller) string { return expect(len(c.Instances()), 3, "machines") },
		},
		{
			title: "plan: nothing left to do", arguments: []string{"plan", "-detailed-exitcode"},
			purpose: "to find nothing to do",
			text:    "Exit code 0 of -detailed-exitcode means an empty plan.",
		},
		{
			title: "apply: stop a machine, in place", arguments: apply, launches: 1,
			text: "The create template runs again for this machine alone, which keeps its disks.",
			size: "small", change: func(m *machine) { m.runStrategy = "Halted" },
		},
		{
			title: "apply: restart a machine", arguments: apply, launches: 1,
			text: "A restart is asked for by the time of now. Later runs don't repeat it.",
			size: "large", change: func(m *machine) { m.restartRequestedAt = time.Now().UTC().Format(time.RFC3339) },
			check: func(_ string, c *controller) string { return expect(c.restarts("demo-large"), 1, "restarts") },
		},
		{
			title: "apply: a job that fails", arguments: apply, launches: 1, exit: 1,
			text: "The platform's quota is used up, so the job fails. Terraform says which task failed, where and why, and exits with 1.",
			size: "medium", change: func(m *machine) { m.exposedPorts = "22/tcp,443/tcp" },
			before: (*controller).failNext, check: reasonShown,
		},
		{
			title: "apply: the repair", arguments: apply, launches: 1,
			text: "The quota was raised. Nothing was changed in the configuration, yet Terraform knows that this change is unfinished.",
		},
		{
			title: "destroy: three delete jobs", arguments: []string{"destroy", "-auto-approve"}, launches: 3, purpose: "to destroy",
			text:  "Destroy runs the delete template, with the whole configuration that was applied last.",
			check: func(_ string, c *controller) string { return expect(len(c.Instances()), 0, "machines") },
		},
	}
}

// reasonShown checks that the error names task, host and message. Terraform breaks lines where it likes.
func reasonShown(printed string, _ *controller) string {
	words := strings.Join(strings.FieldsFunc(printed, func(r rune) bool { return r == '│' || r == ' ' || r == '\n' }), " ")
	for _, part := range []string{failedTask, failedHost, failedMessage} {
		if !strings.Contains(words, part) {
			return fmt.Sprintf("the error does not say %q", part)
		}
	}
	return ""
}

// expect compares a count.
func expect(got, want int, what string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("%d %s instead of %d", got, what, want)
}
