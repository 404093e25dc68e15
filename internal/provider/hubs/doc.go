// Package hubs is the provider block: its schema, the environment that settings may come from, and the hubs that are made of
// them for resources and data sources.
package hubs
