// Package eda is a simulated Event-Driven Ansible: an ansible-rulebook with its webhook, and an EDA server with its
// event streams and rule audit.
package eda
