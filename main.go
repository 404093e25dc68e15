// Command terraform-provider-osac serves the OSAC provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/osac-project/terraform-provider-osac/internal/lifetime"
	"github.com/osac-project/terraform-provider-osac/internal/provider"
	"github.com/osac-project/terraform-provider-osac/internal/provider/workaround"
)

// version is set by the release build: -ldflags "-X main.version=1.2.3".
var version = "dev"

// address is the provider's address in the registry.
const address = "registry.terraform.io/osac-project/osac"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print the TF_REATTACH_PROVIDERS to use")
	flag.Parse()

	var calls lifetime.Calls
	calls.Govern(!*debug)
	workaround.TuneProcess()
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(address, provider.NewServer(version, &calls), options...); err != nil {
		log.Fatal(err)
	}
}
