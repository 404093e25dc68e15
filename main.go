// Command terraform-provider-osac serves the OSAC provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/osac-project/terraform-provider-osac/internal/footprint"
	"github.com/osac-project/terraform-provider-osac/internal/provider"
)

// version is set by the release build: -ldflags "-X main.version=1.2.3".
var version = "dev"

// address is the provider's address in the registry.
const address = "registry.terraform.io/osac-project/osac"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print the TF_REATTACH_PROVIDERS to use")
	flag.Parse()

	surviveSignals()
	footprint.Reduce()
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}

// surviveSignals keeps the process alive through SIGTERM and SIGHUP, which CI systems send to the whole process group:
// Terraform gets the signal as well and cancels the running calls through StopProvider, and what they return is saved.
// Dying here would lose the objects that are being made (contract/terraform/README.md, b). Nobody reads the channel.
func surviveSignals() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM, syscall.SIGHUP)
}
