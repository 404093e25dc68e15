// Package provider is the provider as Terraform sees it: it configures the hubs of the provider block, and lists the
// resources, data sources, actions and functions. Each kind of object has a package of its own below.
package provider
