// Package osac holds OSAC's objects as values: their specs, names, lives, payloads, envelopes and config versions. It does no
// I/O, and knows neither controllers nor their jobs.
//
// What it writes is read by OSAC's playbooks, and by its operator's users; the sources of each rule are cited where it stands.
package osac
