package acceptance

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/osac-project/terraform-provider-osac/internal/provider"
)

// steps runs steps through terraform-plugin-testing, with the provider in this process, and destroys at the end.
func (s *Site) steps(steps ...resource.TestStep) {
	s.t.Helper()
	for i := range steps {
		// Given once for all steps, they would be at odds with the configurations' required_providers.
		steps[i].ProtoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
			"osac": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", nil)(), nil },
		}
	}
	resource.Test(s.t, resource.TestCase{Steps: steps})
}

// variable passes any value to a configuration.
type variable struct{ value any }

// MarshalJSON writes the value.
func (v variable) MarshalJSON() ([]byte, error) { return json.Marshal(v.value) }

// variables are the site's connection with more added, as a test step takes them.
func (s *Site) variables(added ...vars) config.Variables {
	all := s.connection()
	for _, each := range added {
		maps.Copy(all, each)
	}
	converted := config.Variables{}
	for name, value := range all {
		if value != nil {
			converted[name] = variable{value}
		}
	}
	return converted
}

// checks runs checks of the controller's side within a step.
func checks(t *testing.T, check func()) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		t.Helper()
		check()
		return nil
	}
}

// instanceFile is the configuration of one instance.
func instanceFile() config.TestStepConfigFunc { return config.StaticFile("testdata/instance.tf") }
