package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// show plays steps, and keeps an account of them.
type show struct {
	out        io.Writer
	colored    bool
	terraform  terraform
	workspace  *workspace
	controller *controller
}

// play shows the configuration, plays all steps, and ends with the report. An error says what was unexpected.
func (s *show) play(ctx context.Context) error {
	began := time.Now()
	s.introduce()
	asked := threeSizes()
	if err := s.workspace.write("terraform.tfvars", asked.tfvars()); err != nil {
		return err
	}
	s.printf("%s", indented(s.workspace.main+"\n# terraform.tfvars\n"+asked.tfvars()))

	var played []result
	var problems error
	for i, each := range steps() {
		s.heading(fmt.Sprintf("%d. %s", i+1, each.title))
		done, err := s.perform(ctx, each, asked)
		if err != nil {
			return err
		}
		played = append(played, done)
		if done.problem != "" {
			problems = errors.Join(problems, fmt.Errorf("step %d, %s: %s", i+1, each.title, done.problem))
			s.printf("\n  NOT AS EXPECTED: %s\n", done.problem)
		}
	}
	s.heading("What the controller saw")
	s.printf("%s", account{
		results: played, requests: s.controller.Requests(), templates: s.templates(),
		machines: len(asked), took: time.Since(began),
	})
	if problems != nil {
		return problems
	}
	s.printf("\nAll as expected: every command ended as it should, the failed job was an error, and no machine is left.\n")
	return nil
}

// introduce says what the demo will show.
func (s *show) introduce() {
	s.printf(`The OSAC provider at work: %s, the provider that was just built, and a simulated AAP controller at
%s. All of it happens in a temporary folder; nothing is left behind.

What Terraform prints is moved to the right. Left out are values that only the job decides, what a destroy removes
value by value, and advice about commands.
`, s.terraform.tool, s.controller.url)
	s.heading("The configuration: one template, three sizes")
}

// perform plays one step, and checks its result.
func (s *show) perform(ctx context.Context, each step, asked machines) (result, error) {
	s.printf("%s\n\n", each.text)
	if each.change != nil {
		changed := asked.sized(each.size)
		each.change(changed)
		if err := s.workspace.write("terraform.tfvars", asked.tfvars()); err != nil {
			return result{}, err
		}
		s.printf("  # terraform.tfvars\n  %s\n\n", changed)
	}
	if each.before != nil {
		each.before(s.controller)
	}
	name := strings.ToLower(s.terraform.tool.name)
	s.printf("$ %s %s\n\n", strings.Replace(name, "opentofu", "tofu", 1), strings.Join(each.arguments, " "))

	arguments := each.arguments
	if !s.colored {
		arguments = append(arguments[:1:1], append([]string{"-no-color"}, arguments[1:]...)...)
	}
	seen, began := len(s.controller.Requests()), time.Now()
	printed := &transcript{out: s.out, blank: true}
	exit, err := s.terraform.run(ctx, printed, arguments...)
	if err := errors.Join(err, printed.close()); err != nil {
		return result{}, err
	}
	done := result{title: each.title, purpose: each.purpose, took: time.Since(began)}
	for _, request := range s.controller.Requests()[seen:] {
		done.requests++
		if isLaunch(request) {
			done.launches++
		}
	}
	done.problem = judge(each, exit, done.launches, printed.whole.String(), s.controller)
	return done, nil
}

// judge compares a step's result with the expected one.
func judge(each step, exit, launches int, printed string, c *controller) string {
	problems := []string{
		expect(exit, each.exit, "as exit code"),
		expect(launches, each.launches, "launches"),
	}
	if each.check != nil {
		problems = append(problems, each.check(printed, c))
	}
	var wrong []string
	for _, problem := range problems {
		if problem != "" {
			wrong = append(wrong, problem)
		}
	}
	return strings.Join(wrong, "; ")
}

// templates are the launched templates by their ids.
func (s *show) templates() map[int64]string {
	names := map[int64]string{}
	for _, name := range []string{createTemplate, deleteTemplate} {
		names[s.controller.TemplateID(name)] = name
	}
	return names
}

func (s *show) heading(title string) {
	if s.colored {
		title = "\x1b[0;1m== " + title + " ==\x1b[0m"
	} else {
		title = "== " + title + " =="
	}
	s.printf("\n%s\n\n", title)
}

func (s *show) printf(format string, values ...any) {
	_, _ = fmt.Fprintf(s.out, format, values...) // whoever closes the output has seen enough
}

// indented moves each line to the right.
func indented(text string) string {
	var moved strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			moved.WriteString("  ")
		}
		moved.WriteString(line)
	}
	return moved.String()
}
