// Package validate holds the validators of attributes: what AAP, OSAC, Kubernetes, sshd or HTTP would refuse later is refused
// at plan.
package validate
