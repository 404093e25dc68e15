// Package tfvalue converts between Terraform's values and Go's.
package tfvalue
