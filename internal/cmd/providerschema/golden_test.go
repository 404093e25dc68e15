package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	osac "github.com/osac-project/terraform-provider-osac/internal/provider"
)

var update = flag.Bool("update", false, "write the provider's schema into the golden file")

// goldenSchema is the schema that users have written configurations and states for.
const goldenSchema = "../../provider/testdata/schema.json"

// TestSchemaIsKept compares the whole schema with a committed file, so that a change that breaks configurations or
// states can't slip in unseen.
func TestSchemaIsKept(t *testing.T) {
	t.Parallel()
	got := written(t, osac.New("test")())
	if *update {
		if err := os.WriteFile(goldenSchema, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(goldenSchema)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(want, got) {
		return
	}
	t.Errorf(`The provider's schema is not that of %s (- committed, + now):
%s
If the change is meant, write it down: go test ./internal/cmd/providerschema -run TestSchemaIsKept -update

It is BREAKING, and wants a new major version and a word in CHANGELOG.md, where
  - a type, an attribute, an identity's attribute, a function or a parameter goes away or has another name;
  - an attribute has another type or nesting, also by going from list to set, or from attribute to block;
  - an attribute becomes required, or is not optional any more; a function gets another parameter that is no variadic one;
  - an attribute is not computed any more: state has values of it that nothing sets;
  - an attribute becomes write-only, or sensitive: outputs of it fail without "sensitive = true";
  - the resource's version grows without a state upgrader, or shrinks.
It is NOT where types and optional or computed attributes are added, or descriptions change. An attribute of the spec that
is added must have no default: versions never change for an existing configuration.`,
		goldenSchema, cmp.Diff(decode(t, want), decode(t, got)))
}
