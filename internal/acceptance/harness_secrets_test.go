package acceptance

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
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
		for _, hidden := range w.site.secrets {
			if isState && hidden.inState {
				continue
			}
			if hidden.text != "" && strings.Contains(string(content), hidden.text) {
				kind, _, _ := strings.Cut(hidden.text, "-")
				w.t.Errorf("the secret %q shows in %s", kind, entry.Name())
			}
		}
	}
}
