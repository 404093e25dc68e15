// Package validate has the validators of attributes: they refuse, at plan, values that AAP, OSAC, Kubernetes, sshd or
// HTTP would refuse later.
package validate
