package acceptance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// refactorings move machines to other addresses, with and without moved blocks.
func refactorings() []chaosStep {
	return []chaosStep{
		{"block renamed", 5, renamed},
		{"fleet", 14, func(w *walk) { w.relay(w.fleet, w.otherLayout()) }},
		{"fleet applied", 3, func(w *walk) { w.apply(w.fleet) }},
	}
}

func renamed(w *walk) {
	to := "renamed"
	if w.first.layout.machines[0].address == to {
		to = "this"
	}
	w.relay(w.first, layout{machines: []laid{{address: to}}})
}

// relay applies another layout, with moved blocks half of the time. What no plan may carry out has to be refused; then
// the party goes back to what it had, as people do.
func (w *walk) relay(p *party, to layout) {
	before, jobs := p.layout, len(w.jobs())
	var blocks []string
	if w.maybe(2) {
		blocks = p.moved(to)
	}
	refused := w.conflicts(p, to, blocks)
	w.tell(" %s: %s -> %s, with %d moved blocks; to be refused for %q", p.title, before, to, len(blocks), refused)
	p.lay(to, blocks...)
	ended := w.run(p, asApply, applyWith(fmt.Sprintf("-parallelism=%d", []int{1, 10}[w.random.IntN(2)]))...)
	launched := slices.ContainsFunc(w.jobs()[jobs:], func(j sandbox.Job) bool { return j.CreatedBy != byHand && ownerOf(j) == p.owner })
	switch {
	case len(refused) == 0 || w.beside:
	case ended.exit == 0:
		w.wrong("%s ended with 0, although %q are given up and taken up:\n%s", ended.line, refused, ended.output)
	case launched:
		w.wrong("a job was launched, although %q are given up and taken up in one plan", refused)
	}
	if ended.exit == 0 {
		p.lay(to)
		return
	}
	if len(blocks) > 0 && len(refused) == 0 {
		before = to // some may have moved
	}
	p.lay(before, p.moved(before)...)
}

// conflicts are the instances that a plan of the layout gives up at one address and takes up or keeps at another, and
// those that it has at two. Only what is held, lives, is this state's and known to all counts as given up, as no plan can
// see a taint from a new address; nor what other providers' processes do.
func (w *walk) conflicts(p *party, to layout, blocks []string) []string {
	moves := strings.Join(blocks, "")
	wanted, takers := map[string]string{}, map[string][]string{}
	for i, each := range to.machines {
		wanted[to.addressOf(i)] = p.keyOf(each)
		takers[p.keyOf(each)] = append(takers[p.keyOf(each)], to.addressOf(i))
	}
	if slices.ContainsFunc(slices.Concat(to.machines, p.layout.machines), func(m laid) bool { return m.alias }) {
		return nil
	}
	var found []string
	for name, addresses := range takers {
		if len(addresses) > 1 {
			found = append(found, name)
		}
	}
	for _, h := range p.holds() {
		at := h.address
		for i := range to.machines {
			if strings.Contains(moves, movedBlock(h.address, to.addressOf(i))) {
				at = to.addressOf(i)
			}
		}
		elsewhere := slices.ContainsFunc(takers[h.name], func(address string) bool { return address != at })
		if elsewhere && wanted[at] != h.name && w.surelyHeld(h) {
			found = append(found, h.name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// surelyHeld reports whether a state holds what anybody would say that it holds.
func (w *walk) surelyHeld(h held) bool {
	_, unclear := w.unclear[h.name]
	last := newest(w.jobsNamed(h.name))
	return !unclear && !h.tainted && !h.deposed && last != nil && !last.Purged && last.Template == createTemplate &&
		last.Status == "successful" && uidOf(*last) == h.uid
}

// otherLayout draws what becomes of the fleet's layout.
func (w *walk) otherLayout() layout {
	old := w.fleet.layout
	names := make([]string, 0, len(old.machines))
	for _, each := range old.machines {
		if each.name != "" && !slices.Contains(names, each.name) {
			names = append(names, each.name)
		}
	}
	next := func() string {
		for i := 1; ; i++ {
			if name := fmt.Sprintf("fl-%d", i); !slices.Contains(names, name) {
				return name
			}
		}
	}
	to := old.form
	switch choice := w.random.IntN(12); {
	case len(names) < 2 || choice < 2 && len(names) < 3:
		names = append(names, next())
	case choice < 3:
		names = names[:len(names)-1]
	case choice < 5:
		names = names[1:]
	case choice == 5:
		names[0], names[1] = names[1], names[0]
	case choice < 8:
		to = form((int(old.form) + 1 + w.random.IntN(2)) % 3)
	default:
		return w.blocks(names, choice-8)
	}
	return w.laidOut(to, names)
}

func (w *walk) laidOut(in form, names []string) layout {
	result := layout{form: in}
	for _, name := range names {
		result.machines = append(result.machines, laid{address: strings.ReplaceAll(name, "-", "_"), name: name})
	}
	return result
}

// blocks are the machines with a block each, and something about the first that takes blocks: a copy of it, one of its
// name at another place, its move to another place, or the provider's other configuration.
func (w *walk) blocks(names []string, choice int) layout {
	result := w.laidOut(single, names)
	first := &result.machines[0]
	place := []string{lab, annex}[w.random.IntN(2)]
	switch choice {
	case 0:
		result.machines = append(result.machines, laid{address: "copy", name: names[0]})
	case 1:
		result.machines = append(result.machines, laid{address: place, name: names[0], hub: place})
	case 2:
		first.hub = place
	default:
		first.address, first.alias = first.address+"_again", true
	}
	return result
}
