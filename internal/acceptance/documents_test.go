package acceptance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// shownModule is a block of HCL with what makes it a configuration: it becomes a module, so that many are run by one command.
type shownModule struct {
	origin string
	files  map[string]string
	use    use
}

// use is what is done with a block.
type use string

const (
	applied use = "applied and destroyed"
	// planned is for blocks that lead to places that are not there.
	planned use = "planned"
	// inVain is for blocks whose job fails, as the document says.
	inVain use = "applied in vain"
)

// TestDocuments_blocks runs every block of HCL that users are shown, in documents and examples. A comment before the block
// says what it takes:
//
//	<!-- test: with NAME -->        beside the files testdata/documents/NAME.tf, several with blanks between them
//	<!-- test: inside NAME -->      a part, in place of the line "# the block" of that file
//	<!-- test: plan -->             only planned; also "plan with" and "plan inside"
//	<!-- test: fails -->            applied, with a job that fails; also "fails with" and "fails inside"
//	<!-- test: not run: REASON -->  not at all, which is reported
//
// A line "# ..." stands for what OSAC's playbook wants besides, and a block without a provider block has that of getting
// started.
// Without a comment the block is a configuration by itself, which is applied and destroyed.
func TestDocuments_blocks(t *testing.T) {
	t.Parallel()
	blocks := terraformBlocks(t)
	var rounds [][]shownModule
	used := map[use][]shownModule{}
	notRun := 0
	for _, block := range blocks {
		if reason, found := strings.CutPrefix(block.directive, "not run: "); found {
			t.Logf("%s is not run here: %s", block.origin, reason)
			notRun++
			continue
		}
		one := configurationOf(t, block)
		used[one.use] = append(used[one.use], one)
		if one.use == applied {
			rounds = inRounds(rounds, one)
		}
	}
	run := len(blocks) - notRun
	t.Logf("%d blocks of HCL: %d applied and destroyed, %d planned, %d applied in vain, %d not run here",
		len(blocks), len(used[applied]), len(used[planned]), len(used[inVain]), notRun)
	if run < 20 || notRun > 10 {
		t.Errorf("%d blocks are run and %d are not: are they still found?", run, notRun)
	}
	for i, round := range rounds {
		t.Run(fmt.Sprintf("applied %d", i+1), func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t).stock()
			w := site.modules(round)
			w.apply("-parallelism=50")
			w.wantNoWork()
			w.unprotect()
			w.run("destroy", "-auto-approve", "-no-color", "-parallelism=50").want(0)
			t.Run("stock playbooks", site.wantStockPlaybooksContent)
		})
	}
	t.Run("planned", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t).stock()
		site.faults().AddTemplate(sandbox.Template{Name: "site-make-machine", AsksVariables: true})
		site.faults().AddTemplate(sandbox.Template{Name: "site-drop-machine", AsksVariables: true})
		site.modules(used[planned]).run("plan", "-no-color", "-input=false").want(0).says("Plan:")
	})
	t.Run("failing", func(t *testing.T) {
		t.Parallel()
		StartSimulated(t).stock().modules(used[inVain]).tryApply().want(1).says("no quota left", "marked as tainted")
	})
}

// configurationOf puts a block beside or into what its directive names.
func configurationOf(t *testing.T, block fence) shownModule {
	t.Helper()
	one := shownModule{origin: block.origin, files: map[string]string{}, use: applied}
	words := strings.Fields(block.directive)
	if len(words) > 0 {
		switch words[0] {
		case "plan":
			one.use, words = planned, words[1:]
		case "fails":
			one.use, words = inVain, words[1:]
		}
	}
	text := block.text
	switch {
	case len(words) == 0:
	case words[0] == "with" && len(words) > 1:
		for _, name := range words[1:] {
			one.files[name+".tf"] = filledIn(readDocument(t, "internal/acceptance/testdata/documents/"+name+".tf"))
		}
	case words[0] == "inside" && len(words) == 2:
		outer := readDocument(t, "internal/acceptance/testdata/documents/"+words[1]+".tf")
		if text = strings.Replace(outer, "# the block\n", block.text, 1); text == outer {
			t.Fatalf("%s: %s has no place for it", block.origin, words[1])
		}
	default:
		t.Fatalf("%s: a directive that the test does not know: %q", block.origin, block.directive)
	}
	one.files["block.tf"] = filledIn(text)
	if !strings.Contains(text, "required_providers") {
		versions, err := os.ReadFile(filepath.Join("testdata", "versions.tf"))
		if err != nil {
			t.Fatal(err)
		}
		one.files["versions.tf"] = string(versions)
	}
	return one
}

var (
	// blockThatElides matches a block of a document, and elided the line in it that stands for more attributes.
	blockThatElides = regexp.MustCompile(`(?ms)^(resource "osac_compute_instance"|provider "osac") .*?^}`)
	elided          = regexp.MustCompile(`(?m)^ *# \.\.\.$`)
	// leftOut are the attributes that OSAC's own playbook wants.
	leftOut = map[string]map[string]string{
		`resource "osac_compute_instance"`: {
			"cores": "2", "memory_gib": "4", "boot_disk": `{ size_gib = 20, storage_tier = "local" }`, "network_attachments": `[{ subnet_ref = "my-subnet" }]`,
		},
		`provider "osac"`: hubOfDocuments,
	}
	// hubOfDocuments are the settings of the provider for blocks that have no provider block.
	hubOfDocuments = map[string]string{"tenant": `"my-tenant"`, "storage_classes": `[{ name = "lvms-vg1", tier = "local" }]`}
)

// filledIn puts attributes in place of the lines "# ...", but those that the block has.
func filledIn(text string) string {
	return blockThatElides.ReplaceAllStringFunc(text, func(block string) string {
		more := maps.Clone(leftOut[blockThatElides.FindStringSubmatch(block)[1]])
		maps.DeleteFunc(more, func(name, _ string) bool { return regexp.MustCompile(`(?m)^\s*` + name + `\s*=`).MatchString(block) })
		return elided.ReplaceAllLiteralString(block, assignments(more))
	})
}

// assignments writes attributes as HCL.
func assignments(attributes map[string]string) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		lines = append(lines, fmt.Sprintf("  %s = %s", name, attributes[name]))
	}
	return strings.Join(lines, "\n")
}

// instanceName finds the names of instances, and a few more, which does no harm.
var instanceName = regexp.MustCompile(`(?m)^\s*name\s*=\s*"([a-z0-9-]+)"`)

func (d shownModule) names() []string {
	var names []string
	for _, file := range d.files {
		for _, match := range instanceName.FindAllStringSubmatch(file, -1) {
			names = append(names, match[1])
		}
	}
	return names
}

// inRounds adds a configuration to the first round in which nobody else has an instance of the same name.
func inRounds(rounds [][]shownModule, one shownModule) [][]shownModule {
	names := one.names()
	for i, round := range rounds {
		if !slices.ContainsFunc(round, func(other shownModule) bool {
			return slices.ContainsFunc(other.names(), func(name string) bool { return slices.Contains(names, name) })
		}) {
			rounds[i] = append(round, one)
			return rounds
		}
	}
	return append(rounds, []shownModule{one})
}

// documentedValues are the values of the variables that blocks have.
var documentedValues = map[string]string{
	"aap_url": "var.url", "aap_token": "var.token",
	"hubs":              "{ east = { url = var.url, token = var.token }, west = { url = var.url, token = var.token } }",
	"east_token":        "var.token",
	"west_token":        "var.token",
	"webhook_token":     `"webhook-token"`,
	"database_password": `"written-once"`,
	"site_secret":       `"of-the-site"`,
	"storage_password":  `"of-the-storage"`,
}

var (
	declaredVariable = regexp.MustCompile(`(?m)^variable "(\w+)"`)
	// aController matches the addresses of controllers in documents; the sandbox takes their place.
	aController = regexp.MustCompile(`https://[a-z-]*aap[a-z-]*\.example\.com`)
)

// modules makes a workspace with each configuration as a module.
func (s *Site) modules(configurations []shownModule) *workspace {
	s.t.Helper()
	w := s.workspace("versions.tf", vars{})
	home := filepath.Join(w.directory, "home")
	w.folder("home/.ssh")
	w.write("home/.ssh/id_ed25519.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq0Yw me@example.com\n")
	w.env("HOME="+home, "OSAC_AAP_URL="+s.url, "OSAC_AAP_TOKEN="+s.token)
	root := "provider \"osac\" {\n" + assignments(hubOfDocuments) + "\n}\n\nvariable \"url\" {\n  type = string\n}\n\nvariable \"token\" {\n  type      = string\n  sensitive = true\n}\n"
	for _, one := range configurations {
		module := strings.Trim(regexp.MustCompile(`\W+`).ReplaceAllString(one.origin, "_"), "_")
		root += fmt.Sprintf("\nmodule %q {\n  source = \"./%s\"\n", module, module)
		w.folder(module)
		for name, text := range one.files {
			w.write(module+"/"+name, aController.ReplaceAllLiteralString(text, s.url))
			for _, match := range declaredVariable.FindAllStringSubmatch(text, -1) {
				if value, known := documentedValues[match[1]]; known {
					root += fmt.Sprintf("  %s = %s\n", match[1], value)
				}
			}
		}
		root += "}\n"
	}
	w.write("main.tf", root)
	w.run("get", "-no-color").want(0)
	return w
}

func (w *workspace) folder(name string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Join(w.directory, name), 0o700); err != nil {
		w.t.Fatal(err)
	}
}

// unprotect lets the configurations be destroyed that documents tell to protect.
func (w *workspace) unprotect() {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.directory, "*", "*.tf"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		open := regexp.MustCompile(`prevent_destroy\s*=\s*true`).ReplaceAll(content, []byte("prevent_destroy = false"))
		if err := os.WriteFile(file, open, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}
