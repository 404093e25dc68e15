// Package hubs is the provider block: its schema, the environment variables of its settings, and the hubs that
// resources and data sources use.
package hubs
