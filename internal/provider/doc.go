// Package provider is the provider as Terraform talks to it: it configures the hubs of the provider block, and lists what there
// is of resources, data sources, actions and functions. Each kind of object has a package of its own below.
package provider
