package planclaim

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Claims are what the addresses of one plan do with the objects of the hubs: each gives an object up, creates one, or
// keeps the one that it has. Terraform orders the steps of one address only. Two addresses that deal with one object are
// worked on side by side: a machine would be made at one and deleted at the other, whichever comes first. People come to
// that by renaming a block, by turning count into for_each or by copying a block. So such a plan is refused.
//
// The claims are those of one configuration of the provider, and so of one phase of a command: Terraform plans in one
// process, and applies in another, where it plans each object once more right before it works on it.
//
// What can't be seen: objects of another configuration (an alias is another process), names that are not known yet, and
// addresses that are not planned at all (-target).
type Claims struct {
	// Plan tells these claims from those of other plans.
	Plan string

	mu        sync.Mutex
	byAddress []*Claim
	byName    map[osac.Key][]*Claim
	// closed is set once Terraform applies.
	closed bool
}

// Claim is what one address does.
type Claim struct {
	// Address is a number that stands for the address, which a provider is never told; zero until it gets one.
	Address int
	// From is the object that the address holds; nil if it holds none.
	From *Object
	// To is the object that it is to hold; nil if it is to hold none.
	To *Object
	// Gone reports whether the machine of from is certainly gone. It may ask the hub.
	Gone func(context.Context) bool
	// released is set once that is known to be so.
	released bool
}

// Place is where objects live. Two keys of hubs with the same identity are one place.
type Place struct {
	Hub string
	// Identity is the hub's identity; empty while it isn't known.
	Identity string
}

// is reports whether two places are known to be the same.
func (p Place) is(other Place) bool {
	return p.Hub == other.Hub || p.Identity != "" && p.Identity == other.Identity
}

// Object is an object of a hub.
type Object struct {
	Place Place
	Key   osac.Key
	// UID is the object's life; empty if it isn't known.
	UID string
}

// Conflict is what two addresses of a plan do with one object.
type Conflict struct {
	object Object
	// shared is set where both addresses create or keep it. Else one gives it up.
	shared bool
	// kept is set where the other address holds the object already, and doesn't create it.
	kept bool
	// loser is the claim that gives the object up; nil if it is shared.
	loser *Claim
}

// New returns the claims of a plan that has only begun.
func New() *Claims {
	return &Claims{Plan: rand.Text(), byName: map[osac.Key][]*Claim{}}
}

// Close ends the plan: Terraform has begun to apply. It plans once more what it works on then, and deletes what
// create_before_destroy has replaced.
func (c *Claims) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.byAddress = nil
	clear(c.byName)
}

// Enter notes a claim under an address of its own, and returns what it can't go with.
func (c *Claims) Enter(ctx context.Context, claim *Claim) []Conflict {
	c.mu.Lock()
	conflicts := c.conflicts(claim)
	c.add(claim)
	c.mu.Unlock()
	return c.unsettled(ctx, conflicts)
}

// TryEnter notes a claim if it goes with all others, and returns false if it doesn't.
func (c *Claims) TryEnter(claim *Claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.conflicts(claim)) > 0 {
		return false
	}
	c.add(claim)
	return true
}

// Replaces notes which object an address that has claimed one before is to hold in its place.
func (c *Claims) Replaces(ctx context.Context, address int, to Object) []Conflict {
	c.mu.Lock()
	if c.closed || address < 1 || address > len(c.byAddress) {
		c.mu.Unlock()
		return nil
	}
	claim := c.byAddress[address-1]
	if claim.To != nil && claim.To.Is(to) {
		c.mu.Unlock()
		return nil
	}
	c.remove(claim)
	claim.To = &to
	conflicts := c.conflicts(claim)
	c.index(claim)
	c.mu.Unlock()
	return c.unsettled(ctx, conflicts)
}

func (c *Claims) add(claim *Claim) {
	if c.closed {
		return
	}
	c.byAddress = append(c.byAddress, claim)
	claim.Address = len(c.byAddress)
	c.index(claim)
}

func (c *Claims) index(claim *Claim) {
	for _, object := range claim.objects() {
		c.byName[object.Key] = append(c.byName[object.Key], claim)
	}
}

func (c *Claims) remove(claim *Claim) {
	for _, object := range claim.objects() {
		c.byName[object.Key] = slices.DeleteFunc(c.byName[object.Key], func(other *Claim) bool { return other == claim })
	}
}

// conflicts returns what a claim can't go with.
func (c *Claims) conflicts(claim *Claim) []Conflict {
	var others []*Claim
	for _, object := range claim.objects() {
		for _, other := range c.byName[object.Key] {
			if !slices.Contains(others, other) {
				others = append(others, other)
			}
		}
	}
	var found []Conflict
	for _, other := range others {
		found = append(found, between(claim, other)...)
	}
	return found
}

// unsettled returns the conflicts that are left when the objects are taken out that were lost before: nothing is deleted
// for these. Hubs are asked without the lock, since other addresses are planned meanwhile.
func (c *Claims) unsettled(ctx context.Context, conflicts []Conflict) []Conflict {
	return slices.DeleteFunc(conflicts, func(conflict Conflict) bool {
		if conflict.loser == nil || conflict.loser.Gone == nil || !conflict.loser.Gone(ctx) {
			return false
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		conflict.loser.released = true
		return true
	})
}

// objects are the objects that a claim is about, each name once.
func (p *Claim) objects() []Object {
	var objects []Object
	if p.From != nil {
		objects = append(objects, *p.From)
	}
	if p.To != nil && (p.From == nil || p.From.Key != p.To.Key) {
		objects = append(objects, *p.To)
	}
	return objects
}

// between returns the conflicts of two claims.
func between(a, b *Claim) []Conflict {
	if a.To != nil && b.To != nil && a.To.Is(*b.To) {
		return []Conflict{{object: *a.To, shared: true, kept: a.keeps() || b.keeps()}}
	}
	var found []Conflict
	for _, pair := range [][2]*Claim{{a, b}, {b, a}} {
		loser, taker := pair[0], pair[1]
		if loser.losesTo(taker) {
			found = append(found, Conflict{object: *loser.From, kept: taker.keeps(), loser: loser})
		}
	}
	return found
}

// losesTo reports whether the claim gives up an object that another address is to hold. One of another life is another
// machine: create_before_destroy leaves such an object behind when the deletion fails.
func (p *Claim) losesTo(other *Claim) bool {
	if p.From == nil || p.released || p.keeps() || other.To == nil || !p.From.Is(*other.To) {
		return false
	}
	return p.From.UID == "" || other.To.UID == "" || p.From.UID == other.To.UID
}

// keeps reports whether the address holds the same object before and after.
func (p *Claim) keeps() bool { return p.From != nil && p.To != nil && p.From.Is(*p.To) }

// Is reports whether two objects are the same, whatever their lives.
func (o Object) Is(other Object) bool {
	return o.Key == other.Key && o.Place.is(other.Place)
}
