package hubs

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// plainURL is a setting that sends secrets over plain HTTP.
type plainURL struct {
	at path.Path
	// attribute is its name, and host its target.
	attribute, host string
}

// plainHTTP records a URL without encryption, unless its target is this machine.
func (c *hubConfig) plainHTTP(attribute string, configured setting) {
	parsed, err := url.Parse(strings.TrimSpace(configured.value))
	if err != nil || parsed.Scheme != "http" || isLoopback(parsed.Hostname()) {
		return
	}
	c.plain = append(c.plain, plainURL{at: c.attribute(attribute), attribute: configured.source(attribute), host: parsed.Host})
}

// warnPlainHTTP warns once of all the hub's URLs without encryption.
func (c *hubConfig) warnPlainHTTP() {
	if len(c.plain) == 0 {
		return
	}
	var all []string
	for _, each := range c.plain {
		all = append(all, fmt.Sprintf("%s (to %s)", each.attribute, each.host))
	}
	c.diags.AddAttributeWarning(c.plain[0].at, "Credentials travel over plain HTTP", fmt.Sprintf(
		"Hub %q is used without encryption, by %s: whoever can listen on the way can read credentials and variables, or answer in the hub's place. "+
			"Use https://.", c.key, strings.Join(all, " and ")))
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}
