package provider

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// planClaims are what the addresses of one plan do with the objects of the hubs: each gives an object up, creates one, or
// keeps the one that it has. Terraform orders the steps of one address only. Two addresses that deal with one object are
// worked on side by side: a machine would be made at one and deleted at the other, whichever comes first. People come to
// that by renaming a block, by turning count into for_each or by copying a block. So such a plan is refused.
//
// The claims are those of one configuration of the provider, and so of one phase of a command: Terraform plans in one
// process, and applies in another, where it plans each object once more right before it works on it.
//
// What can't be seen: objects of another configuration (an alias is another process), names that are not known yet, and
// addresses that are not planned at all (-target).
type planClaims struct {
	// plan tells these claims from those of other plans.
	plan string

	mu        sync.Mutex
	byAddress []*planClaim
	byName    map[osac.Key][]*planClaim
	// closed is set once Terraform applies.
	closed bool
}

// planClaim is what one address does.
type planClaim struct {
	// address is a number that stands for the address, which a provider is never told; zero until it gets one.
	address int
	// from is the object that the address holds; nil if it holds none.
	from *claimedObject
	// to is the object that it is to hold; nil if it is to hold none.
	to *claimedObject
	// gone reports whether the machine of from is certainly gone. It may ask the hub.
	gone func(context.Context) bool
	// released is set once that is known to be so.
	released bool
}

// place is where objects live. Two keys of hubs with the same identity are one place.
type place struct {
	hub string
	// identity is the hub's identity; empty while it isn't known.
	identity string
}

// is reports whether two places are known to be the same.
func (p place) is(other place) bool {
	return p.hub == other.hub || p.identity != "" && p.identity == other.identity
}

// claimedObject is an object of a hub.
type claimedObject struct {
	place place
	key   osac.Key
	// uid is the object's life; empty if it isn't known.
	uid string
}

// claimConflict is what two addresses of a plan do with one object.
type claimConflict struct {
	object claimedObject
	// shared is set where both addresses create or keep it. Else one gives it up.
	shared bool
	// kept is set where the other address holds the object already, and doesn't create it.
	kept bool
	// loser is the claim that gives the object up; nil if it is shared.
	loser *planClaim
}

func newPlanClaims() *planClaims {
	return &planClaims{plan: rand.Text(), byName: map[osac.Key][]*planClaim{}}
}

// close ends the plan: Terraform has begun to apply. It plans once more what it works on then, and deletes what
// create_before_destroy has replaced.
func (c *planClaims) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.byAddress = nil
	clear(c.byName)
}

// enter notes a claim under an address of its own, and returns what it can't go with.
func (c *planClaims) enter(ctx context.Context, claim *planClaim) []claimConflict {
	c.mu.Lock()
	conflicts := c.conflicts(claim)
	c.add(claim)
	c.mu.Unlock()
	return c.unsettled(ctx, conflicts)
}

// tryEnter notes a claim if it goes with all others, and returns false if it doesn't.
func (c *planClaims) tryEnter(claim *planClaim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.conflicts(claim)) > 0 {
		return false
	}
	c.add(claim)
	return true
}

// replaces notes which object an address that has claimed one before is to hold in its place.
func (c *planClaims) replaces(ctx context.Context, address int, to claimedObject) []claimConflict {
	c.mu.Lock()
	if c.closed || address < 1 || address > len(c.byAddress) {
		c.mu.Unlock()
		return nil
	}
	claim := c.byAddress[address-1]
	if claim.to != nil && claim.to.is(to) {
		c.mu.Unlock()
		return nil
	}
	c.remove(claim)
	claim.to = &to
	conflicts := c.conflicts(claim)
	c.index(claim)
	c.mu.Unlock()
	return c.unsettled(ctx, conflicts)
}

func (c *planClaims) add(claim *planClaim) {
	if c.closed {
		return
	}
	c.byAddress = append(c.byAddress, claim)
	claim.address = len(c.byAddress)
	c.index(claim)
}

func (c *planClaims) index(claim *planClaim) {
	for _, object := range claim.objects() {
		c.byName[object.key] = append(c.byName[object.key], claim)
	}
}

func (c *planClaims) remove(claim *planClaim) {
	for _, object := range claim.objects() {
		c.byName[object.key] = slices.DeleteFunc(c.byName[object.key], func(other *planClaim) bool { return other == claim })
	}
}

// conflicts returns what a claim can't go with.
func (c *planClaims) conflicts(claim *planClaim) []claimConflict {
	var others []*planClaim
	for _, object := range claim.objects() {
		for _, other := range c.byName[object.key] {
			if !slices.Contains(others, other) {
				others = append(others, other)
			}
		}
	}
	var found []claimConflict
	for _, other := range others {
		found = append(found, between(claim, other)...)
	}
	return found
}

// unsettled returns the conflicts that are left when the objects are taken out that were lost before: nothing is deleted
// for these. Hubs are asked without the lock, since other addresses are planned meanwhile.
func (c *planClaims) unsettled(ctx context.Context, conflicts []claimConflict) []claimConflict {
	return slices.DeleteFunc(conflicts, func(conflict claimConflict) bool {
		if conflict.loser == nil || conflict.loser.gone == nil || !conflict.loser.gone(ctx) {
			return false
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		conflict.loser.released = true
		return true
	})
}

// objects are the objects that a claim is about, each name once.
func (p *planClaim) objects() []claimedObject {
	var objects []claimedObject
	if p.from != nil {
		objects = append(objects, *p.from)
	}
	if p.to != nil && (p.from == nil || p.from.key != p.to.key) {
		objects = append(objects, *p.to)
	}
	return objects
}

// between returns the conflicts of two claims.
func between(a, b *planClaim) []claimConflict {
	if a.to != nil && b.to != nil && a.to.is(*b.to) {
		return []claimConflict{{object: *a.to, shared: true, kept: a.keeps() || b.keeps()}}
	}
	var found []claimConflict
	for _, pair := range [][2]*planClaim{{a, b}, {b, a}} {
		loser, taker := pair[0], pair[1]
		if loser.losesTo(taker) {
			found = append(found, claimConflict{object: *loser.from, kept: taker.keeps(), loser: loser})
		}
	}
	return found
}

// losesTo reports whether the claim gives up an object that another address is to hold. One of another life is another
// machine: create_before_destroy leaves such an object behind when the deletion fails.
func (p *planClaim) losesTo(other *planClaim) bool {
	if p.from == nil || p.released || p.keeps() || other.to == nil || !p.from.is(*other.to) {
		return false
	}
	return p.from.uid == "" || other.to.uid == "" || p.from.uid == other.to.uid
}

// keeps reports whether the address holds the same object before and after.
func (p *planClaim) keeps() bool { return p.from != nil && p.to != nil && p.from.is(*p.to) }

// is reports whether two objects are the same, whatever their lives.
func (o claimedObject) is(other claimedObject) bool {
	return o.key == other.key && o.place.is(other.place)
}
