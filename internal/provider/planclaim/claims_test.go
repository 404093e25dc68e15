package planclaim

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// on makes an object: its place, name and life.
func on(hub, identity, name, uid string) *Object {
	return &Object{Place: Place{Hub: hub, Identity: identity}, Key: osac.Key{Namespace: "ns", Name: name}, UID: uid}
}

func named(name string) *Object { return on("default", "", name, "") }

// orders returns all orders of claims, each of claims of its own.
func orders(claimed []Claim) [][]*Claim {
	if len(claimed) == 0 {
		return [][]*Claim{nil}
	}
	var all [][]*Claim
	for i := range claimed {
		rest := slices.Delete(slices.Clone(claimed), i, i+1)
		for _, order := range orders(rest) {
			first := claimed[i]
			all = append(all, append([]*Claim{&first}, order...))
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
		claims  []Claim
		refused bool
	}{
		"one created":                      {[]Claim{{To: named("a")}}, false},
		"one kept":                         {[]Claim{{From: named("a"), To: named("a")}}, false},
		"one destroyed":                    {[]Claim{{From: named("a")}}, false},
		"one renamed":                      {[]Claim{{From: named("a"), To: named("b")}}, false},
		"others":                           {[]Claim{{From: named("a")}, {To: named("b")}, {From: named("c"), To: named("c")}}, false},
		"new address":                      {[]Claim{{From: named("a"), Gone: there}, {To: named("a")}}, true},
		"gone and new address":             {[]Claim{{From: named("a"), Gone: gone}, {To: named("a")}}, false},
		"held twice, one dropped":          {[]Claim{{From: named("a")}, {From: named("a"), To: named("a")}}, true},
		"held twice, both dropped":         {[]Claim{{From: named("a")}, {From: named("a")}}, false},
		"shifted":                          {[]Claim{{From: named("a"), To: named("b")}, {From: named("b"), To: named("c")}, {From: named("c")}}, true},
		"swapped":                          {[]Claim{{From: named("a"), To: named("b")}, {From: named("b"), To: named("a")}}, true},
		"renamed to one that is kept":      {[]Claim{{From: named("a"), To: named("b")}, {From: named("b"), To: named("b")}}, true},
		"renamed to one that is destroyed": {[]Claim{{From: named("a"), To: named("b")}, {From: named("b")}}, true},
		"renamed, and created anew":        {[]Claim{{From: named("a"), To: named("b")}, {To: named("a")}}, true},
		"gone, renamed and created anew":   {[]Claim{{From: named("a"), To: named("b"), Gone: gone}, {To: named("a")}}, false},
		"created twice":                    {[]Claim{{To: named("a")}, {To: named("a")}}, true},
		"kept and created":                 {[]Claim{{From: named("a"), To: named("a")}, {To: named("a")}}, true},
		"kept twice":                       {[]Claim{{From: named("a"), To: named("a")}, {From: named("a"), To: named("a")}}, true},
		"kept twice, gone or not":          {[]Claim{{From: named("a"), To: named("a"), Gone: gone}, {From: named("a"), To: named("a"), Gone: gone}}, true},
		"another life is left behind": {[]Claim{
			{From: on("default", "", "a", "one")}, {From: on("default", "", "a", "two"), To: on("default", "", "a", "two")},
		}, false},
		"the same life is left behind": {[]Claim{
			{From: on("default", "", "a", "one")}, {From: on("default", "", "a", "one"), To: on("default", "", "a", "one")},
		}, true},
		"other hubs":                      {[]Claim{{From: on("east", "", "a", "")}, {To: on("west", "", "a", "")}}, false},
		"hubs of different identities":    {[]Claim{{From: on("east", "e", "a", "")}, {To: on("west", "w", "a", "")}}, false},
		"two keys of one place":           {[]Claim{{From: on("east", "e", "a", "")}, {To: on("west", "e", "a", "")}}, true},
		"one key, identity not known yet": {[]Claim{{From: on("east", "", "a", "")}, {To: on("east", "e", "a", "")}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, order := range orders(test.claims) {
				claimed, refused := New(), false
				for _, claim := range order {
					conflicts := claimed.Enter(t.Context(), claim)
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
	claimed := New()
	first := &Claim{From: named("a"), To: named("a")}
	if found := claimed.Enter(t.Context(), first); len(found) > 0 {
		t.Fatal(found)
	}
	if found := claimed.Replaces(t.Context(), first.Address, *named("a")); len(found) > 0 {
		t.Errorf("a replacement is at odds with itself: %+v", found)
	}
	if found := claimed.Enter(t.Context(), &Claim{To: named("b")}); len(found) > 0 {
		t.Fatal(found)
	}
	if found := claimed.Replaces(t.Context(), first.Address, *named("b")); len(found) != 1 || !found[0].shared {
		t.Errorf("a replacement under a name that is taken: %+v", found)
	}
	if found := claimed.Enter(t.Context(), &Claim{To: named("a")}); len(found) != 1 || found[0].shared || found[0].loser != first {
		t.Errorf("creating what the replacement gives up: %+v", found)
	}
	if found := claimed.Replaces(t.Context(), 99, *named("b")); found != nil {
		t.Errorf("an address that there is not: %+v", found)
	}
}

func TestPlanClaimsEndWithThePlan(t *testing.T) {
	t.Parallel()
	claimed := New()
	first := &Claim{From: named("a"), To: named("a")}
	claimed.Enter(t.Context(), first)
	if claimed.TryEnter(&Claim{From: named("a"), To: named("a")}) {
		t.Error("an instance is kept twice")
	}
	claimed.Close()
	for _, claim := range []*Claim{{From: named("a")}, {To: named("a")}} {
		if found := claimed.Enter(t.Context(), claim); len(found) > 0 {
			t.Errorf("refused in an apply: %+v", found)
		}
	}
	if found := claimed.Replaces(t.Context(), first.Address, *named("b")); len(found) > 0 {
		t.Errorf("refused in an apply: %+v", found)
	}
}

// An object that was lost is looked for once, and then no obstacle to anybody.
func TestPlanClaimsOfWhatIsGoneAreReleased(t *testing.T) {
	t.Parallel()
	claimed, looks := New(), 0
	claimed.Enter(t.Context(), &Claim{From: named("a"), Gone: func(context.Context) bool { looks++; return true }})
	if looks > 0 {
		t.Error("it was looked for without need")
	}
	claimed.Enter(t.Context(), &Claim{To: named("a")})
	if found := claimed.Enter(t.Context(), &Claim{To: named("a")}); len(found) != 1 || !found[0].shared || looks != 1 {
		t.Errorf("got %+v after %d looks", found, looks)
	}
}

// Terraform plans ten addresses at a time: of those that claim one object, all but the first are refused.
func TestPlanClaimsSideBySide(t *testing.T) {
	t.Parallel()
	const addresses = 50
	claimed := New()
	var group sync.WaitGroup
	var refused atomic.Int64
	for i := range addresses {
		group.Go(func() {
			claim := &Claim{To: named("a")}
			if i%2 == 0 {
				claim.From = named("a")
			}
			if len(claimed.Enter(t.Context(), claim)) > 0 {
				refused.Add(1)
			}
			claimed.Replaces(t.Context(), claim.Address, *named("a"))
		})
	}
	group.Wait()
	if refused.Load() != addresses-1 {
		t.Errorf("%d are refused, want %d", refused.Load(), addresses-1)
	}
}
