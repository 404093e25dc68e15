package provider

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// on makes an object: its place, name and life.
func on(hub, identity, name, uid string) *claimedObject {
	return &claimedObject{place: place{hub: hub, identity: identity}, key: osac.Key{Namespace: "ns", Name: name}, uid: uid}
}

func named(name string) *claimedObject { return on("default", "", name, "") }

// orders returns all orders of claims, each of claims of its own.
func orders(claims []planClaim) [][]*planClaim {
	if len(claims) == 0 {
		return [][]*planClaim{nil}
	}
	var all [][]*planClaim
	for i := range claims {
		rest := slices.Delete(slices.Clone(claims), i, i+1)
		for _, order := range orders(rest) {
			first := claims[i]
			all = append(all, append([]*planClaim{&first}, order...))
		}
	}
	return all
}

// Whichever call comes first, a plan is refused or not.
func TestPlanClaims(t *testing.T) {
	t.Parallel()
	gone := func(context.Context) bool { return true }
	there := func(context.Context) bool { return false }
	for name, test := range map[string]struct {
		claims  []planClaim
		refused bool
	}{
		"one created":                      {[]planClaim{{to: named("a")}}, false},
		"one kept":                         {[]planClaim{{from: named("a"), to: named("a")}}, false},
		"one destroyed":                    {[]planClaim{{from: named("a")}}, false},
		"one renamed":                      {[]planClaim{{from: named("a"), to: named("b")}}, false},
		"others":                           {[]planClaim{{from: named("a")}, {to: named("b")}, {from: named("c"), to: named("c")}}, false},
		"new address":                      {[]planClaim{{from: named("a"), gone: there}, {to: named("a")}}, true},
		"gone and new address":             {[]planClaim{{from: named("a"), gone: gone}, {to: named("a")}}, false},
		"held twice, one dropped":          {[]planClaim{{from: named("a")}, {from: named("a"), to: named("a")}}, true},
		"held twice, both dropped":         {[]planClaim{{from: named("a")}, {from: named("a")}}, false},
		"shifted":                          {[]planClaim{{from: named("a"), to: named("b")}, {from: named("b"), to: named("c")}, {from: named("c")}}, true},
		"swapped":                          {[]planClaim{{from: named("a"), to: named("b")}, {from: named("b"), to: named("a")}}, true},
		"renamed to one that is kept":      {[]planClaim{{from: named("a"), to: named("b")}, {from: named("b"), to: named("b")}}, true},
		"renamed to one that is destroyed": {[]planClaim{{from: named("a"), to: named("b")}, {from: named("b")}}, true},
		"renamed, and created anew":        {[]planClaim{{from: named("a"), to: named("b")}, {to: named("a")}}, true},
		"gone, renamed and created anew":   {[]planClaim{{from: named("a"), to: named("b"), gone: gone}, {to: named("a")}}, false},
		"created twice":                    {[]planClaim{{to: named("a")}, {to: named("a")}}, true},
		"kept and created":                 {[]planClaim{{from: named("a"), to: named("a")}, {to: named("a")}}, true},
		"kept twice":                       {[]planClaim{{from: named("a"), to: named("a")}, {from: named("a"), to: named("a")}}, true},
		"kept twice, gone or not":          {[]planClaim{{from: named("a"), to: named("a"), gone: gone}, {from: named("a"), to: named("a"), gone: gone}}, true},
		"another life is left behind": {[]planClaim{
			{from: on("default", "", "a", "one")}, {from: on("default", "", "a", "two"), to: on("default", "", "a", "two")},
		}, false},
		"the same life is left behind": {[]planClaim{
			{from: on("default", "", "a", "one")}, {from: on("default", "", "a", "one"), to: on("default", "", "a", "one")},
		}, true},
		"other hubs":                      {[]planClaim{{from: on("east", "", "a", "")}, {to: on("west", "", "a", "")}}, false},
		"hubs of different identities":    {[]planClaim{{from: on("east", "e", "a", "")}, {to: on("west", "w", "a", "")}}, false},
		"two keys of one place":           {[]planClaim{{from: on("east", "e", "a", "")}, {to: on("west", "e", "a", "")}}, true},
		"one key, identity not known yet": {[]planClaim{{from: on("east", "", "a", "")}, {to: on("east", "e", "a", "")}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, order := range orders(test.claims) {
				claims, refused := newPlanClaims(), false
				for _, claim := range order {
					conflicts := claims.enter(t.Context(), claim)
					refused = refused || len(conflicts) > 0
				}
				if refused != test.refused {
					t.Errorf("refused: %v, want %v", refused, test.refused)
				}
			}
		})
	}
}

func TestPlanClaimsOfAnAddressThatIsReplaced(t *testing.T) {
	t.Parallel()
	claims := newPlanClaims()
	first := &planClaim{from: named("a"), to: named("a")}
	if found := claims.enter(t.Context(), first); len(found) > 0 {
		t.Fatal(found)
	}
	if found := claims.replaces(t.Context(), first.address, *named("a")); len(found) > 0 {
		t.Errorf("a replacement is at odds with itself: %+v", found)
	}
	if found := claims.enter(t.Context(), &planClaim{to: named("b")}); len(found) > 0 {
		t.Fatal(found)
	}
	if found := claims.replaces(t.Context(), first.address, *named("b")); len(found) != 1 || !found[0].shared {
		t.Errorf("a replacement under a name that is taken: %+v", found)
	}
	if found := claims.enter(t.Context(), &planClaim{to: named("a")}); len(found) != 1 || found[0].shared || found[0].loser != first {
		t.Errorf("creating what the replacement gives up: %+v", found)
	}
	if found := claims.replaces(t.Context(), 99, *named("b")); found != nil {
		t.Errorf("an address that there is not: %+v", found)
	}
}

func TestPlanClaimsEndWithThePlan(t *testing.T) {
	t.Parallel()
	claims := newPlanClaims()
	first := &planClaim{from: named("a"), to: named("a")}
	claims.enter(t.Context(), first)
	if claims.tryEnter(&planClaim{from: named("a"), to: named("a")}) {
		t.Error("an instance is kept twice")
	}
	claims.close()
	for _, claim := range []*planClaim{{from: named("a")}, {to: named("a")}} {
		if found := claims.enter(t.Context(), claim); len(found) > 0 {
			t.Errorf("refused in an apply: %+v", found)
		}
	}
	if found := claims.replaces(t.Context(), first.address, *named("b")); len(found) > 0 {
		t.Errorf("refused in an apply: %+v", found)
	}
}

// An object that was lost is looked for once, and then no obstacle to anybody.
func TestPlanClaimsOfWhatIsGoneAreReleased(t *testing.T) {
	t.Parallel()
	claims, looks := newPlanClaims(), 0
	claims.enter(t.Context(), &planClaim{from: named("a"), gone: func(context.Context) bool { looks++; return true }})
	if looks > 0 {
		t.Error("it was looked for without need")
	}
	claims.enter(t.Context(), &planClaim{to: named("a")})
	if found := claims.enter(t.Context(), &planClaim{to: named("a")}); len(found) != 1 || !found[0].shared || looks != 1 {
		t.Errorf("got %+v after %d looks", found, looks)
	}
}

// Terraform plans ten addresses at a time: of those that claim one object, all but the first are refused.
func TestPlanClaimsSideBySide(t *testing.T) {
	t.Parallel()
	const addresses = 50
	claims := newPlanClaims()
	var group sync.WaitGroup
	var refused atomic.Int64
	for i := range addresses {
		group.Go(func() {
			claim := &planClaim{to: named("a")}
			if i%2 == 0 {
				claim.from = named("a")
			}
			if len(claims.enter(t.Context(), claim)) > 0 {
				refused.Add(1)
			}
			claims.replaces(t.Context(), claim.address, *named("a"))
		})
	}
	group.Wait()
	if refused.Load() != addresses-1 {
		t.Errorf("%d are refused, want %d", refused.Load(), addresses-1)
	}
}
