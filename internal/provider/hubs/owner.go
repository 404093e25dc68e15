package hubs

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables that name the owner: our own, and two that name one state each. HCP Terraform and Terraform
// Enterprise set the first in each run to "organization/workspace". The second is the address of the state in
// Terraform's http backend, which GitLab's pipelines set. No variable with a repository's name is among them: a
// repository may have many states.
const (
	envOwner         = "OSAC_OWNER"
	envWorkspaceSlug = "TFC_WORKSPACE_SLUG"
	envStateAddress  = "TF_HTTP_ADDRESS"
)

// maxOwner is the length of the longest owner.
const maxOwner = 253

// owner is the mark of this state's instances. The owner names a state and not a hub, so the environment sets it for
// every hub.
func (c *hubConfig) owner() string {
	if owner := c.process.of(c.model.Owner, envOwner, envWorkspaceSlug); owner.isSet() {
		if len(owner.value) > maxOwner {
			c.invalid("owner", owner, "it is longer than 253 bytes")
		}
		return owner.value
	}
	return stateName(c.process.of(types.StringNull(), envStateAddress).value)
}

// stateName returns the name of the state at an address. Payloads have it, and others can read them, so it shows no
// credentials. A query may hold credentials or name the state; its hash replaces it.
func stateName(address string) string {
	parsed, err := url.Parse(address)
	if address == "" || err != nil || parsed.Host == "" {
		return ""
	}
	name := parsed.Host + parsed.EscapedPath()
	if parsed.RawQuery != "" {
		name += "?" + shortHash(parsed.RawQuery)
	}
	if len(name) > maxOwner {
		name = parsed.Host[:min(len(parsed.Host), maxOwner/2)] + "/" + shortHash(name)
	}
	return name
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}
