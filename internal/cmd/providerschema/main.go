// Command providerschema prints the provider's schemas in the format of `terraform providers schema -json`.
//
// tfplugindocs makes docs/ from it. The command asks the provider itself: that needs no Terraform, and leaves nothing
// out. Terraform before 1.14 has neither actions nor list resources, and tfplugindocs deletes the pages of everything
// that is missing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	osac "github.com/osac-project/terraform-provider-osac/internal/provider"
)

// providerName is the key of the schemas: the plain name. Terraform prints the address in the registry instead.
const providerName = "osac"

func main() {
	if err := write(context.Background(), os.Stdout, osac.New("dev")()); err != nil {
		fmt.Fprintln(os.Stderr, "providerschema:", err)
		os.Exit(1)
	}
}

// write asks the provider for all its schemas, as Terraform does, and writes them as indented JSON.
func write(ctx context.Context, w io.Writer, p provider.Provider) error {
	server, err := providerserver.NewProtocol6WithError(p)()
	if err != nil {
		return fmt.Errorf("serving the provider: %w", err)
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("asking for the schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("asking for the identity schemas: %w", err)
	}
	if err := errorsIn(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{
		FormatVersion: "1.0",
		Schemas:       map[string]providerJSON{providerName: newProvider(schemas, identities.IdentitySchemas)},
	})
}

// errorsIn returns the errors among the diagnostics, or nil; a schema with warnings is complete.
func errorsIn(diagnostics []*tfprotov6.Diagnostic) error {
	var all []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(all...)
}
