// Command sandbox serves a simulated AAP controller until it is interrupted.
//
//	go run ./internal/cmd/sandbox [-addr 127.0.0.1:8052] [-gateway 2.7 [-component 127.0.0.1:8053] [-basic-auth=false]]
//		[-duration 3s] [-webhook 127.0.0.1:5000] [-playbooks dir]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
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

// options are what the flags say.
type options struct {
	sandbox                     sandbox.Options
	address, component, webhook string
}

// parse reads the flags.
func parse(arguments []string, address string) (options, error) {
	if address == "" {
		address = "127.0.0.1:8052"
	}
	var o options
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.StringVar(&o.address, "addr", address, "`address` to listen on (environment: ADDR)")
	flags.StringVar(&o.sandbox.Gateway, "gateway", "", "be the AAP of this `release`: "+strings.Join(sandbox.Gateways(), ", ")+
		" (a plain AWX where empty)")
	basic := flags.Bool("basic-auth", true, "let AAP's gateway take user and password")
	flags.StringVar(&o.component, "component", "", "`address` of the controller's own host, past AAP's gateway (none where empty)")
	flags.BoolVar(&o.sandbox.ComponentPing, "component-ping", false, "let the own host of AAP 2.7's controller answer its ping")
	flags.DurationVar(&o.sandbox.JobDuration, "duration", 3*time.Second, "how long a job takes")
	flags.StringVar(&o.sandbox.Prefix, "prefix", "osac", "prefix of the templates' names")
	flags.StringVar(&o.sandbox.Token, "token", "", "the administrator's token (random where empty)")
	playbooks := &o.sandbox.Playbooks
	flags.StringVar(&playbooks.Dir, "playbooks", "", "run jobs as ansible-playbook, with the playbooks of this `directory`")
	flags.StringVar(&playbooks.Command, "ansible-playbook", "", "`path` of ansible-playbook (the one on PATH where empty)")
	flags.StringVar(&o.webhook, "webhook", "", "`address` of the webhook of a simulated EDA, such as 127.0.0.1:5000 (none where empty)")
	conditionFlags(flags, &o.sandbox.Conditions)
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	o.sandbox.NoBasicAuth = !*basic
	return o, o.check()
}

// conditionFlags are flags for what the controller is like, other than a quick and recent AWX.
func conditionFlags(flags *flag.FlagSet, c *sandbox.Conditions) {
	flags.BoolVar(&c.RowsLackArtifacts, "rows-lack-artifacts", false, "leave artifacts out of the rows of lists")
	flags.BoolVar(&c.RowsLackPayload, "rows-lack-payload", false, "leave artifacts and extra_vars out of the rows of lists, unless ?include= names them")
	flags.IntVar(&c.PageCap, "page-cap", 0, "the most `rows` that a page has (200 where 0)")
	flags.DurationVar(&c.RequestCost, "request-cost", 0, "how long an answer takes")
	flags.DurationVar(&c.RowCost, "row-cost", 0, "how long each row of a list takes besides")
	flags.DurationVar(&c.ReplicaLag, "replica-lag", 0, "how far the replica is behind that answers GETs")
	flags.DurationVar(&c.ClockSkew, "clock-skew", 0, "how far the controller's clock is ahead")
	flags.BoolVar(&c.ActivityStreamOff, "no-activity-stream", false, "do not record launches in the activity stream")
}

// check tells early what can't be, and what would fail every job.
func (o options) check() error {
	gateway, playbooks := o.sandbox.Gateway, o.sandbox.Playbooks
	if gateway != "" && !slices.Contains(sandbox.Gateways(), gateway) {
		return fmt.Errorf("-gateway: there is no %s, but %s", gateway, strings.Join(sandbox.Gateways(), ", "))
	}
	if o.component != "" && gateway == "" {
		return errors.New("-component: a plain AWX has no gateway, and no other host; see -gateway")
	}
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

// run serves until the context ends.
func run(ctx context.Context, arguments []string, address string, out io.Writer) error {
	o, err := parse(arguments, address)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	front, err := httpserver.Listen(ctx, o.address)
	if err != nil {
		return err
	}
	box := sandbox.New(o.sandbox)
	defer box.Close()
	if _, err := fmt.Fprintf(out, "# simulated AAP controller; a page for people is at %s/sandbox/\n"+
		"export OSAC_AAP_URL=%s\nexport OSAC_AAP_TOKEN=%s\n", front.URL, front.URL, box.Token()); err != nil {
		return errors.Join(err, front.Stop(ctx))
	}
	served := []service{{front, box}}
	if o.component != "" {
		own, err := httpserver.Listen(ctx, o.component)
		if err != nil {
			return errors.Join(err, stop(ctx, served))
		}
		served = append(served, service{own, box.ComponentHandler()})
		if _, err := fmt.Fprintf(out, "# the controller's own host, past the gateway, is at %s\n", own.URL); err != nil {
			return errors.Join(err, stop(ctx, served))
		}
	}
	// An AAP has an EDA, a plain AWX only where somebody asks for one.
	if o.webhook != "" || o.sandbox.Gateway != "" {
		server := newEDA(box, front.URL, o)
		defer server.Close()
		context.AfterFunc(ctx, server.Close) // ends posts that hang
		if served, err = serveEDA(ctx, box, server, served, o, out); err != nil {
			return errors.Join(err, stop(ctx, served))
		}
	}
	return serve(ctx, served)
}

// service is what is served at one address.
type service struct {
	server  *httpserver.Server
	handler http.Handler
}

// serve serves all of them until one fails or the context ends.
func serve(ctx context.Context, services []service) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(services))
	for _, each := range services {
		go func() { ended <- each.server.Serve(ctx, each.handler) }()
	}
	var err error
	for range services {
		err = errors.Join(err, <-ended)
		cancel()
	}
	return err
}

func stop(ctx context.Context, services []service) error {
	var err error
	for _, each := range services {
		err = errors.Join(err, each.server.Stop(ctx))
	}
	return err
}
