// Package transport is the HTTP plumbing that the clients of the controller and of EDA share: TLS, proxies, retries,
// time-outs of single attempts, bounds on answers, and a log that shows no secrets.
//
// It knows no URL and no body of either API. It adds a policy to net/http: which requests may be retried, and which
// must not. A launch that is sent twice makes two jobs.
package transport
