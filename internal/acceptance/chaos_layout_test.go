package acceptance

import (
	"fmt"
	"strings"
)

// form is how machines stand in a configuration.
type form int

const (
	// single gives each machine a block of its own.
	single form = iota
	// counted and keyed have one block with count, or with for_each.
	counted
	keyed
)

func (f form) String() string { return []string{"blocks", "count", "for_each"}[f] }

// laid is a machine in a configuration. The name is that of the variable where there is none.
type laid struct {
	// address is that of the block; a counted or keyed one has an index besides.
	address, name string
	// hub is the key of a hub; empty is the variable's.
	hub string
	// alias has it managed by the provider's other configuration.
	alias bool
}

// layout is what stands in a configuration.
type layout struct {
	form     form
	machines []laid
}

func (l layout) String() string {
	words := []string{l.form.String()}
	for i, each := range l.machines {
		word := l.addressOf(i) + "=" + placed(each.hub, each.name)
		if each.alias {
			word += "(alias)"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// addressOf is the address of a machine, without the type.
func (l layout) addressOf(at int) string {
	switch l.form {
	case counted:
		return fmt.Sprintf("m[%d]", at)
	case keyed:
		return fmt.Sprintf("m[%q]", l.machines[at].name)
	default:
		return l.machines[at].address
	}
}

// keyOf is the key of a machine in the party's configuration.
func (p *party) keyOf(m laid) string {
	name := m.name
	if name == "" {
		name = p.name()
	}
	if m.hub == lab || m.hub == annex {
		return placed(m.hub, name)
	}
	return name
}

// body is what all machines of a configuration have alike.
const body = `  cores                = var.cores
  memory_gib           = 4
  run_strategy         = var.run_strategy
  restart_requested_at = var.restart_requested_at
  labels               = merge(var.labels, { value = terraform_data.source.output })
  take_over            = var.take_over
  extra_vars           = var.extra_vars
  extra_vars_wo        = var.extra_vars_wo
}
`

// lay writes the layout into the configuration, with such more blocks.
func (p *party) lay(l layout, more ...string) {
	p.layout = l
	var text strings.Builder
	if l.form == single {
		for _, each := range l.machines {
			name, hub, alias := "var.name", "var.hub", ""
			if each.name != "" {
				name = fmt.Sprintf("%q", each.name)
			}
			if each.hub != "" {
				hub = fmt.Sprintf("%q", each.hub)
			}
			if each.alias {
				alias = "  provider = osac.again\n"
			}
			fmt.Fprintf(&text, "resource %q %q {\n%s  name = %s\n  hub  = %s\n%s", resourceType, each.address, alias, name, hub, body)
		}
	} else {
		var names []string
		for _, each := range l.machines {
			names = append(names, fmt.Sprintf("%q", each.name))
		}
		meta, name := "count = length(local.names)", "local.names[count.index]"
		if l.form == keyed {
			meta, name = "for_each = toset(local.names)", "each.key"
		}
		fmt.Fprintf(&text, "locals {\n  names = [%s]\n}\n\nresource %q \"m\" {\n  %s\n  name = %s\n  hub  = var.hub\n%s",
			strings.Join(names, ", "), resourceType, meta, name, body)
	}
	p.write("machines.tf", text.String()+strings.Join(more, ""))
}

// moved are the blocks that tell Terraform where the machines in state stand now. None can tell of what was a block's in
// the configuration before and still is: Terraform refuses them.
func (p *party) moved(to layout) []string {
	stands := map[string]bool{}
	for i := range to.machines {
		stands[to.addressOf(i)] = true
	}
	var blocks []string
	gone := map[string]bool{}
	for i, each := range to.machines {
		for _, h := range p.holds() {
			if h.name == p.keyOf(each) && !h.deposed && !gone[h.address] && !stands[h.address] && !p.at(to.addressOf(i)) {
				gone[h.address] = true
				blocks = append(blocks, movedBlock(h.address, to.addressOf(i)))
				break
			}
		}
	}
	return blocks
}

// at reports whether something stands at the address in state.
func (p *party) at(address string) bool {
	for _, h := range p.holds() {
		if h.address == address && !h.deposed {
			return true
		}
	}
	return false
}

// movedBlock tells Terraform that what stood at one address stands at another.
func movedBlock(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %[1]s.%[2]s\n  to   = %[1]s.%[3]s\n}\n", resourceType, from, to)
}
