package acceptance

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secret is a text that must not show.
type secret struct {
	text string
	// inState allows it in state: Terraform keeps sensitive attributes there in clear.
	inState bool
}

// Where a secret may show.
const (
	nowhere   = false
	stateOnly = true
)

// shown begins the names of files that hold what `terraform show -json` prints: all that is in the state file, which is
// looked at anyway, and the variables of a plan.
const shown = "shown"

// hide has the text looked for at the end of the test wherever it must not be.
func (s *Site) hide(text string, inState bool) {
	s.secrets = append(s.secrets, secret{text, inState})
}

// plant makes up a secret.
func (s *Site) plant(kind string, inState bool) string {
	text := kind + "-" + rand.Text()
	s.hide(text, inState)
	return text
}

// planSuffix ends the names of files that hold a plan: archives, in which secrets would not be found as they are.
const planSuffix = ".tfplan"

// unpacked is all that an archive holds.
func unpacked(t *testing.T, archive []byte) []byte {
	t.Helper()
	packed, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range packed.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// shownIn says in which form the secret is in a text; empty if it is not. Secrets are of letters and digits, which no
// escaping in JSON or in a URL changes.
func (s secret) shownIn(text string) string {
	if s.text == "" {
		return ""
	}
	if strings.Contains(text, s.text) {
		return "as it is"
	}
	if strings.Contains(text, hex.EncodeToString([]byte(s.text))) {
		return "in hex"
	}
	// Where a secret begins within what is encoded decides about its first and last characters.
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + s.text))
		if whole := encoded[(before*8+5)/6 : len(encoded)-1]; strings.Contains(text, whole) {
			return "in base64"
		}
	}
	return ""
}

// keptVariables are the values that Terraform keeps in every plan: those that the variables had when it was made, unless the configuration has
// ephemeral ones.
func (w *workspace) keptVariables() string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.directory, "*.tf"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || bytes.Contains(content, []byte("ephemeral")) {
			return ""
		}
	}
	return w.passed
}

// checkSecrets looks for the site's secrets in everything that the workspace's commands have left.
func (w *workspace) checkSecrets() {
	entries, err := os.ReadDir(w.directory)
	if err != nil {
		w.t.Error(err)
		return
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".tfvars.json") || strings.HasPrefix(entry.Name(), shown) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(w.directory, entry.Name()))
		if err != nil {
			w.t.Error(err)
			continue
		}
		isState := strings.HasPrefix(entry.Name(), "terraform.tfstate")
		given := ""
		if strings.HasSuffix(entry.Name(), planSuffix) {
			// What Terraform keeps in state it keeps in a plan, too.
			content, isState, given = unpacked(w.t, content), true, w.keptVariables()
		}
		for _, hidden := range w.site.secrets {
			if isState && hidden.inState || strings.Contains(given, hidden.text) {
				continue
			}
			if form := hidden.shownIn(string(content)); form != "" {
				kind, _, _ := strings.Cut(hidden.text, "-")
				w.t.Errorf("the secret %q shows in %s, %s", kind, entry.Name(), form)
			}
		}
	}
}
