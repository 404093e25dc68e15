// Package osac holds OSAC's objects as values: their specs, names, lives, payloads, envelopes and config versions. It
// does no I/O, and knows neither controllers nor their jobs.
//
// OSAC's playbooks and its operator's users read the payloads. Comments cite the source of each rule: the facts in
// internal/sandbox/FACTS.md, as in "F82".
package osac
