package planclaim

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Claims say what the addresses of one plan do with the objects of the hubs. Each address gives an object up, creates
// one, or keeps its own. Terraform orders the steps of one address only, and works on two addresses at the same time.
// If both deal with one object, one makes a machine and the other deletes it, in any order. This happens if people
// rename a block, turn count into for_each, or copy a block. So such a plan is refused.
//
// The claims are those of one configuration of the provider, and so of one phase of a command. Terraform plans in one
// process and applies in another, where it plans each object once more right before it works on it.
//
// Claims can't see objects of another configuration (an alias is another process), unknown names, and addresses that
// are not planned at all (-target).
type Claims struct {
	// Plan distinguishes these claims from those of other plans.
	Plan string

	mu        sync.Mutex
	byAddress []*Claim
	byName    map[osac.Key][]*Claim
	// closed is set once Terraform applies.
	closed bool
}

// Claim is the intention of one address.
type Claim struct {
	// Address is a number for the address, which a provider is never told; zero until it gets one.
	Address int
	// From is the object that the address holds; nil if it holds none.
	From *Object
	// To is the object that the address will hold; nil if it will hold none.
	To *Object
	// Gone reports whether the machine of From is certainly gone. It may ask the hub.
	Gone func(context.Context) bool
	// released is set once Gone has reported true.
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

// Conflict is a pair of addresses in a plan that claim one object.
type Conflict struct {
	object Object
	// shared is set if both addresses create or keep the object. Otherwise, one gives it up.
	shared bool
	// kept is set if the other address holds the object already, and doesn't create it.
	kept bool
	// loser is the claim that gives the object up; nil if it is shared.
	loser *Claim
}

// New returns the claims of a new plan.
func New() *Claims {
	return &Claims{Plan: rand.Text(), byName: map[osac.Key][]*Claim{}}
}

// Close ends the plan: Terraform has begun to apply. Terraform then plans each object once more before it works on it,
// and deletes the objects that create_before_destroy has replaced.
func (c *Claims) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.byAddress = nil
	clear(c.byName)
}

// Enter adds a claim under an address of its own, and returns its conflicts.
func (c *Claims) Enter(ctx context.Context, claim *Claim) []Conflict {
	c.mu.Lock()
	conflicts := c.conflicts(claim)
	c.add(claim)
	c.mu.Unlock()
	return c.unsettled(ctx, conflicts)
}

// TryEnter adds a claim if it has no conflicts, and returns false if it has.
func (c *Claims) TryEnter(claim *Claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.conflicts(claim)) > 0 {
		return false
	}
	c.add(claim)
	return true
}

// Replaces sets the object that an address, which has a claim already, will hold instead.
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

// conflicts returns a claim's conflicts.
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

// unsettled returns the conflicts without those over lost objects: nothing is deleted for these. It asks hubs without
// the lock, since other addresses are planned meanwhile.
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

// objects are the objects of a claim, each name once.
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

// losesTo reports whether the claim gives up an object that another address will hold. An object of another life is
// another machine: create_before_destroy leaves such an object behind if the deletion fails.
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
