package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkHide searches an output of 64 KiB for a hundred secrets: prose, JSON as Ansible prints it, and texts that
// cost more, such as base64 and backslashes.
func BenchmarkHide(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for i := range 100 {
		texts = append(texts, fmt.Sprintf("%x-value-%d", random.Uint64(), i))
	}
	r := New(Credentials(texts...))
	for name, text := range map[string]string{
		"output":      "TASK [osac.service.create : Wait until the machine is there] ****************\nok: [localhost] => {\"changed\": false, \"msg\": \"All assertions passed\", \"resource\": {\"kind\": \"VirtualMachine\", \"path\": \"C:\\\\temp\", \"uid\": \"0d5f0f0e-1c6b-4e0c-a6a3-b1a3f1c2d3e4\"}}\n",
		"base64":      "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz" + "\n",
		"backslashes": `\\\\\\\\\\\\\\\"`, "percent": "%2525252525", "one letter": "a", "nearly": texts[0][:20] + " ",
	} {
		text = strings.Repeat(text, 64<<10/len(text))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r.Hide(text)
			}
		})
	}
}
