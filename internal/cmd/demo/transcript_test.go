package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTranscriptIsIndentedAndWithoutNoise(t *testing.T) {
	printed := `
Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  ~ update in-place

Terraform will perform the following actions:


  # osac_compute_instance.machine["small"] will be updated in-place
  ~ resource "osac_compute_instance" "machine" {
      ~ phase        = "Running" -> (known after apply)
      ~ ip_address   = "10.0.0.1" -> (known after apply)
      ~ jobs         = [
          - {
              - id = "1"
            },
        ] -> (known after apply)
      ~ boot_disk    = {
          ~ size_gib = 20 -> 30
        }
      ` + "\x1b[33m~\x1b[0m run_strategy = \"Always\" -> \"Halted\"" + `
    }
  # osac_compute_instance.machine["large"] will be destroyed
  - resource "osac_compute_instance" "machine" {
      - boot_disk = {
          - size_gib = 20 -> null
        } -> null
      - name      = "demo-large" -> null
    }

Changes to Outputs:
  ~ machines = {
      ~ large = "Running" -> (known after apply)
        # (2 unchanged attributes hidden)
    }
Warning: Incomplete lock file information for providers

The current .terraform.lock.hcl file only includes checksums for linux_amd64.
(where linux_amd64 is the platform to generate)
╷
│ Warning: Incomplete lock file information for providers
│ 
╵
╷
│ Error: The job failed
╵
cut off`
	want := `
  Terraform will perform the following actions:

    # osac_compute_instance.machine["small"] will be updated in-place
    ~ resource "osac_compute_instance" "machine" {
        ~ phase        = "Running" -> (known after apply)
        ~ boot_disk    = {
            ~ size_gib = 20 -> 30
          }
        ` + "\x1b[33m~\x1b[0m run_strategy = \"Always\" -> \"Halted\"" + `
      }
    # osac_compute_instance.machine["large"] will be destroyed

  ╷
  │ Error: The job failed
  ╵
  cut off
`
	var shown strings.Builder
	transcript := &transcript{out: &shown}
	// Output comes in pieces of any size.
	for rest := printed; rest != ""; {
		size := min(7, len(rest))
		if _, err := io.WriteString(transcript, rest[:size]); err != nil {
			t.Fatal(err)
		}
		rest = rest[size:]
	}
	if err := transcript.close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, shown.String()); diff != "" {
		t.Error(diff)
	}
	if whole := transcript.whole.String(); !strings.Contains(whole, "Incomplete lock file") || strings.Contains(whole, "\x1b") {
		t.Errorf("the whole output, without colours, is kept; got %q", whole)
	}
}
