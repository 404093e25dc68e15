// Package redact removes secrets from the output of servers and playbooks, in whatever form they are written there.
//
// A playbook prints its variables through any number of layers: a module's JSON in Ansible's JSON, Python's repr, a shell's
// quoting, YAML, HTML, a URL, hex, base64, broken lines. The package therefore does not search for the forms of a secret. It
// searches for the secret in all readings of the text. It reads each place of the text literally, and as each escape that
// begins there, undone once or several times. It skips quotes, backslashes and line breaks. It decodes hex and base64, and
// reads the result in the same way. It then cuts each match out of the text as it was printed.
//
// Which values are hidden:
//
//   - A credential is hidden if it has at least 4 characters, not counting white space, quotes and backslashes. If it has
//     fewer than 8, it is hidden only as a whole word. Credentials are the provider's own, and values whose name says that
//     they are secret (password, token, private_key and the like).
//   - Any other value is hidden if it has at least 6 characters, and only as a whole word if it has fewer than 8. Everyday
//     language is not hidden: a number of fewer than 8 digits, an IP address, a word of fewer than 12 letters, or one of a
//     short list of longer and joined words. A message without each "running" or "production" would help nobody.
//   - Each line of a text of several lines is hidden by itself, too, if it has at least 12 characters, or 8 in a credential.
//   - In hex and base64, secrets of at least 6 bytes are found.
package redact
