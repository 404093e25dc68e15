// Package redact takes secrets out of what servers and playbooks print, in whatever form they are written there.
//
// A playbook prints what it was given through any number of layers: a module's JSON in Ansible's JSON, Python's repr, a shell's
// quoting, YAML, HTML, a URL, hex, base64, lines that are broken. So it is not the forms of a secret that are looked for, but
// the secret in all the readings of the text: each place of the text is read as it is and as each escape that begins there,
// undone once or several times; quotes, backslashes and line breaks are passed over; and what is hex or base64 is decoded and
// read in the same way. What matches is cut out of the text as it was printed.
//
// Which values are hidden:
//
//   - A credential is hidden if it has at least 4 characters, white space, quotes and backslashes not counted; as a whole word
//     if it has less than 8. Credentials are what the provider logs in with, and values whose name says that they are secret
//     (password, token, private_key and the like).
//   - Any other value is hidden if it has at least 6 characters, as a whole word if it has less than 8, unless it is everyday
//     language: a number of less than 8 digits, an IP address, a word of less than 12 letters, or one of a short list of longer
//     and joined words. A message in which each "running" or "production" is hidden tells nobody anything.
//   - Of a text of several lines each line is hidden by itself, too, if it has at least 12 characters, or 8 of a credential.
//   - In hex and base64, secrets of at least 6 bytes are found.
package redact
