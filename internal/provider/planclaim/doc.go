// Package planclaim detects two addresses of a plan that deal with one object.
package planclaim
