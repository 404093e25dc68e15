// Command sandbox serves a simulated AAP controller until it is interrupted.
//
//	go run ./internal/cmd/sandbox [-addr 127.0.0.1:8052] [-gateway] [-duration 3s] [-webhook 127.0.0.1:5000] [-playbooks dir]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("ADDR"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1) //nolint:gocritic // the signals need not be restored before the end
	}
}

// run serves until the context ends.
func run(ctx context.Context, arguments []string, address string, out io.Writer) error {
	if address == "" {
		address = "127.0.0.1:8052"
	}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.StringVar(&address, "addr", address, "`address` to listen on (environment: ADDR)")
	gateway := flags.Bool("gateway", false, "serve the API as AAP 2.5 does, under /api/controller/v2/")
	duration := flags.Duration("duration", 3*time.Second, "how long a job takes")
	prefix := flags.String("prefix", "osac", "prefix of the templates' names")
	token := flags.String("token", "", "the administrator's token (random where empty)")
	var playbooks sandbox.Playbooks
	flags.StringVar(&playbooks.Dir, "playbooks", "", "run jobs as ansible-playbook, with the playbooks of this `directory`")
	flags.StringVar(&playbooks.Command, "ansible-playbook", "", "`path` of ansible-playbook (the one on PATH where empty)")
	conditions := conditionFlags(flags)
	webhook := flags.String("webhook", "", "`address` of the webhook of a simulated EDA, such as 127.0.0.1:5000 (none where empty)")
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if err := check(playbooks); err != nil {
		return err
	}
	server, err := httpserver.Listen(ctx, address)
	if err != nil {
		return err
	}
	box := sandbox.New(sandbox.Options{
		Prefix: *prefix, Gateway: *gateway, JobDuration: *duration, Token: *token, Playbooks: playbooks, Conditions: *conditions,
	})
	defer box.Close()
	if _, err := fmt.Fprintf(out, "# simulated AAP controller; a page for people is at %s/sandbox/\n"+
		"export OSAC_AAP_URL=%s\nexport OSAC_AAP_TOKEN=%s\n", server.URL, server.URL, box.Token()); err != nil {
		return err
	}
	if *webhook == "" {
		return server.Serve(ctx, box)
	}
	return serveEDA(ctx, server, box, *prefix, *webhook, out)
}

// conditionFlags are flags for what the controller is like, other than a quick and recent AWX.
func conditionFlags(flags *flag.FlagSet) *sandbox.Conditions {
	var c sandbox.Conditions
	flags.BoolVar(&c.RowsLackArtifacts, "rows-lack-artifacts", false, "leave artifacts out of the rows of lists")
	flags.BoolVar(&c.RowsLackPayload, "rows-lack-payload", false, "leave artifacts and extra_vars out of the rows of lists, unless ?include= names them")
	flags.IntVar(&c.PageCap, "page-cap", 0, "the most `rows` that a page has (200 where 0)")
	flags.DurationVar(&c.RequestCost, "request-cost", 0, "how long an answer takes")
	flags.DurationVar(&c.RowCost, "row-cost", 0, "how long each row of a list takes besides")
	flags.DurationVar(&c.ReplicaLag, "replica-lag", 0, "how far the replica is behind that answers GETs")
	flags.DurationVar(&c.ClockSkew, "clock-skew", 0, "how far the controller's clock is ahead")
	flags.BoolVar(&c.ActivityStreamOff, "no-activity-stream", false, "do not record launches in the activity stream")
	return &c
}

// check tells early what would fail every job.
func check(playbooks sandbox.Playbooks) error {
	if playbooks.Dir == "" {
		return nil
	}
	if _, err := os.ReadDir(playbooks.Dir); err != nil {
		return fmt.Errorf("-playbooks: %w", err)
	}
	if playbooks.Command == "" {
		playbooks.Command = "ansible-playbook"
	}
	if _, err := exec.LookPath(playbooks.Command); err != nil {
		return fmt.Errorf("-ansible-playbook: %w", err)
	}
	return nil
}
