// Command terraform-provider-osac is the provider with a bug: it panics where it follows a job that it has started.
package main

import (
	"bytes"
	"context"
	"log"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/osac-project/terraform-provider-osac/internal/provider"
)

func main() {
	serve := func() tfprotov6.ProviderServer { return &server{provider.NewServer("panicking", nil)()} }
	if err := tf6server.Serve("registry.terraform.io/osac-project/osac", serve); err != nil {
		log.Fatal(err)
	}
}

type server struct{ tfprotov6.ProviderServer }

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return s.ProviderServer.ApplyResourceChange(broken{ctx}, req)
}

// broken is a context that holds nothing, where a job is followed.
type broken struct{ context.Context }

func (b broken) Value(key any) any {
	if bytes.Contains(debug.Stack(), []byte("internal/provisioning.(*operationState).follow(")) {
		b.Context = nil
	}
	return b.Context.Value(key)
}
