// Package planclaim finds out whether two addresses of a plan deal with one object.
package planclaim
