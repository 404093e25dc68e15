package hubs

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables that name the owner: our own, and two that name one state each. HCP Terraform and Terraform
// Enterprise set the first in each run to "organization/workspace"; the second is the address of the state in Terraform's
// http backend, which GitLab's pipelines set. No variable that names a repository is among them: a repository may have many
// states.
const (
	envOwner         = "OSAC_OWNER"
	envWorkspaceSlug = "TFC_WORKSPACE_SLUG"
	envStateAddress  = "TF_HTTP_ADDRESS"
)

// maxOwner is the length of the longest owner.
const maxOwner = 253

// owner is what the instances of this state are marked with. The owner names a state and not a hub, so the environment
// answers for every hub.
func (c *hubConfig) owner() string {
	if owner := c.process.of(c.model.Owner, envOwner, envWorkspaceSlug); owner.isSet() {
		if len(owner.value) > maxOwner {
			c.invalid("owner", owner, "it is longer than 253 bytes")
		}
		return owner.value
	}
	return stateName(c.process.of(types.StringNull(), envStateAddress).value)
}

// stateName is the name of a state that an address leads to. It goes into payloads, which others can read, so it shows no
// credentials; a query, which may hold some or name the state, is told apart by its hash.
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
