package controller

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// gatewayVersions map the beginning of a controller's version to its AAP's version. A gateway is asked for its version
// only if this map does not have it.
var gatewayVersions = []gatewayVersion{{"4.6.", "2.5"}, {"4.7.", "2.6"}, {"4.8.", "2.7"}}

type gatewayVersion struct{ controller, gateway string }

// gatewayOf returns the version of the AAP whose gateway is in front of the controller.
func (c *Client) gatewayOf(ctx context.Context, found Installation) string {
	host, behind := strings.CutSuffix(found.APIRoot, gatewayPath+"/")
	if !behind {
		return ""
	}
	for _, known := range gatewayVersions {
		if strings.HasPrefix(found.Version, known.controller) {
			return known.gateway
		}
	}
	return c.gatewayVersion(ctx, host)
}

// gatewayVersion asks whether AAP's gateway is at a host. The gateway answers everybody, even while it is degraded. The
// result is empty if there is no gateway.
func (c *Client) gatewayVersion(ctx context.Context, host string) string {
	var ping struct {
		Version string `json:"version"`
		Pong    string `json:"pong"`
	}
	k := call{url: host + "/api/gateway/v1/ping/", once: true, anonymous: true, maxBytes: 1 << 20}
	if _, err := c.getCall(ctx, k, &ping); err != nil || ping.Pong == "" {
		return ""
	}
	return nameText(ping.Version)
}

// noController is the error of a host without a place that answers as a controller does; denied is set if a place has
// refused to answer at all.
func (c *Client) noController(ctx context.Context, denied *Error, refusals []string) *Error {
	host := strings.TrimSuffix(c.candidates()[0], gatewayPath+"/")
	host = strings.TrimSuffix(host, awxPath+"/")
	version := c.gatewayVersion(ctx, host)
	switch {
	case denied != nil && version == "":
		denied.Advice = "is this a component's own host? Since AAP 2.7 a controller answers 401 to everything but its gateway: " +
			"set url to the gateway's address, which is that of AAP's web interface"
		return denied
	case denied != nil:
		denied.Advice = c.credentialAdvice(Installation{APIRoot: host + gatewayPath + "/", Gateway: version})
		return denied
	case version != "":
		return &Error{
			URL: c.url, kind: ErrNotController,
			Detail: fmt.Sprintf("this is the gateway of AAP %s, but it has no automation controller, or knows no way to it. Tried: %s",
				version, strings.Join(refusals, "; ")),
		}
	}
	return &Error{
		URL: c.url, kind: ErrNotController,
		Detail: "no controller answers here; check the URL (the address of AAP or AWX). Tried: " + strings.Join(refusals, "; "),
	}
}

// adviceOn says what to check after a refusal whose meaning depends on what is in front of the controller.
func (c *Client) adviceOn(e *Error) string {
	switch {
	case e.Status == http.StatusUnauthorized:
		if known := c.knownInstallation(); known != nil {
			return c.credentialAdvice(*known)
		}
	case e.Status == http.StatusServiceUnavailable && strings.Contains(e.Detail, "Application is not available"):
		return "OpenShift's router says so where it has no route of this name, or nothing runs behind it. AAP 2.7 has removed the " +
			"routes of its components: the URL to use is the gateway's, which is that of AAP's web interface"
	case e.Status == transport.StatusTokenExpired:
		return "the clocks of AAP's gateway and of its controller must agree"
	}
	return ""
}

// credentialAdvice is the advice after a 401, whose text is the same for every cause.
func (c *Client) credentialAdvice(at Installation) string {
	host, behind := strings.CutSuffix(at.APIRoot, gatewayPath+"/")
	tokens := host + "/api/gateway/v1/tokens/"
	called := strings.TrimSpace("AAP " + at.Gateway)
	switch {
	case behind && at.Gateway != "" && c.basic:
		return fmt.Sprintf("the name or the password is wrong, or basic authentication is switched off at the gateway of %s: "+
			"a token that is made at %s works in any case", called, tokens)
	case behind && at.Gateway != "":
		return fmt.Sprintf("the token has expired, or is not one of the gateway's: tokens of the controller's own API are not valid since AAP 2.7, "+
			"and this is %s; make one at %s", called, tokens)
	case slices.ContainsFunc(gatewayVersions, func(known gatewayVersion) bool { return strings.HasPrefix(at.Version, known.controller) }):
		return "this is a controller's own host in AAP, where a gateway's tokens are not valid, and nothing is since AAP 2.7: " +
			"set url to the gateway's address, which is that of AAP's web interface"
	}
	return ""
}
