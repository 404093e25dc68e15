package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// Clients can make, change and delete inventories. No job runs on them: all jobs use the one that is always there. None
// of it was recorded; it was read in AWX's source.

func inventoryViews() []*view {
	return []*view{
		{pattern: path("inventories"), name: "inventories", posts: "create inventory", model: "Inventory", methods: map[string]handler{
			"GET": (*call).inventoryList, "POST": (*call).createInventory,
		}},
		{pattern: path("inventories/{id}"), name: "inventory", model: "Inventory", methods: map[string]handler{
			"GET": (*call).oneInventory, "PUT": (*call).changeInventory, "PATCH": (*call).changeInventory, "DELETE": (*call).deleteInventory,
		}},
	}
}

// inventory is an inventory that a client made; without an id, it is the one that is always there.
type inventory struct {
	organization           *organization
	id                     int64
	name, notes, variables string
}

func (i *inventory) number() int64 {
	if i.id == 0 {
		return inventoryID
	}
	return i.id
}

func (i *inventory) title() string {
	if i.id == 0 {
		return inventoryName
	}
	return i.name
}

func (c *call) allInventories() []*inventory {
	return append([]*inventory{{organization: c.organizationNamed("")}}, c.inventories...)
}

// resolveInventory turns a name into an id, as resolve does.
func (s *Sandbox) resolveInventory(name string) string {
	own, organization, _ := strings.Cut(name, "++")
	for _, i := range s.inventories {
		if i.name == own && i.organization.name == organization {
			return text(i.id)
		}
	}
	return resolveOnly("inventories", name)
}

// pathInventory is the inventory of the path.
func (c *call) pathInventory() *inventory {
	for _, i := range c.allInventories() {
		if i.number() == c.id {
			return i
		}
	}
	return nil
}

func (c *call) inventoryList() *answer {
	return c.list(c.schemas.inventory, anys(c.allInventories()), c.inventoryRow)
}

func (c *call) oneInventory() *answer {
	i := c.pathInventory()
	if i == nil {
		return c.refuse(notFound("Inventory"))
	}
	return c.reply(http.StatusOK, c.inventoryRow(i))
}

func (c *call) createInventory() *answer {
	if refusal := c.mayCreate("name"); refusal != nil {
		return c.refuse(refusal)
	}
	i := &inventory{}
	if refusal := c.fillInventory(i); refusal != nil {
		return c.refuse(refusal)
	}
	c.inventoryIDs++
	i.id = inventoryID + c.inventoryIDs
	c.inventories = append(c.inventories, i)
	return c.madeOne(c.inventoryRow(i))
}

// fillInventory copies the body's fields.
func (c *call) fillInventory(i *inventory) *failure {
	filled := *i
	for name, into := range map[string]*string{"name": &filled.name, "description": &filled.notes, "variables": &filled.variables} {
		if _, given := c.data.get(name); given {
			*into = c.data.text(name)
		}
	}
	if _, err := parseVariables(filled.variables); err != nil {
		return invalidField("variables", err.Error())
	}
	if _, given := c.data.get("organization"); given || i.organization == nil {
		wanted := c.data.integer("organization")
		at := slices.IndexFunc(c.organizations, func(o *organization) bool { return o.id == wanted })
		if at < 0 {
			return invalidField("organization", `Invalid pk "`+text(wanted)+`" - object does not exist.`)
		}
		filled.organization = c.organizations[at]
	}
	for _, other := range c.allInventories() {
		if other.number() != i.id && other.title() == filled.name && other.organization == filled.organization {
			return invalidField("__all__", "Inventory with this Name and Organization already exists.")
		}
	}
	*i = filled
	return nil
}

// changeInventory changes an inventory that a client made; the one that is always there does not change.
func (c *call) changeInventory() *answer {
	i := c.pathInventory()
	switch {
	case i == nil:
		return c.refuse(notFound("Inventory"))
	case i.id == 0:
		return c.refuse(c.notAllowed())
	case !c.user.superuser:
		return c.refuse(forbidden())
	}
	if refusal := c.fillInventory(i); refusal != nil {
		return c.refuse(refusal)
	}
	return c.reply(http.StatusOK, c.inventoryRow(i))
}

// deleteInventory answers that the deletion is accepted: AWX deletes an inventory later.
func (c *call) deleteInventory() *answer {
	i := c.pathInventory()
	switch {
	case i == nil:
		return c.refuse(notFound("Inventory"))
	case i.id == 0:
		return c.refuse(c.notAllowed())
	case !c.user.superuser:
		return c.refuse(forbidden())
	}
	c.inventories = slices.DeleteFunc(c.inventories, func(other *inventory) bool { return other == i })
	return c.empty(http.StatusAccepted)
}

func (c *call) inventoryRow(row any) document {
	i, _ := row.(*inventory)
	return document{
		{"id", i.number()},
		{"type", "inventory"},
		{"url", c.url("inventories", i.number())},
		{"related", document{
			{"named_url", c.url("inventories", encodeName(i.title())+"++"+encodeName(i.organization.name))},
			{"organization", c.url("organizations", i.organization.id)},
		}},
		summaryFields(document{{"organization", i.organization.summary()}}),
		{"created", c.created},
		{"modified", c.created},
		{"name", i.title()},
		{"description", i.notes},
		{"organization", i.organization.id},
		{"kind", ""},
		{"host_filter", nil},
		{"variables", i.variables},
		{"has_active_failures", false},
		{"total_hosts", 1},
		{"hosts_with_active_failures", 0},
		{"total_groups", 0},
		{"has_inventory_sources", false},
		{"total_inventory_sources", 0},
		{"inventory_sources_with_failures", 0},
		{"pending_deletion", false},
		{"prevent_instance_group_fallback", false},
	}
}
