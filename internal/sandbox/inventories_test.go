package sandbox

import "testing"

func TestInventories(t *testing.T) {
	c := newClient(Options{})
	c.box.AddUser("other", "", "other", false, nil)
	made := c.post(t, "inventories/", `{"name": "a+b", "organization": 1, "variables": "{}"}`)
	expect(t, "made", made.status, 201)
	expect(t, "its name in a path", made.str("related.named_url"), "/api/v2/inventories/a[+]b++Default/")
	expect(t, "where", made.header.Get("Location"), made.str("url"))
	url := made.str("url")
	expect(t, "twice", c.post(t, "inventories/", `{"name": "a+b", "organization": 1}`).status, 400)
	expect(t, "elsewhere", c.post(t, "inventories/", `{"name": "a+b", "organization": 2}`).status, 201)
	expect(t, "nowhere", c.post(t, "inventories/", `{"name": "c", "organization": 9}`).str("organization"), `["Invalid pk \"9\" - object does not exist."]`)
	expect(t, "no variables", c.post(t, "inventories/", `{"name": "c", "organization": 1, "variables": "none"}`).status, 400)
	expect(t, "by another", c.as("other").post(t, "inventories/", `{"name": "c", "organization": 1}`).status, 403)
	expect(t, "found", c.get(t, "inventories/?name=a%2Bb").ids(), "3 4")
	expect(t, "all, by name", c.get(t, "inventories/").ids(), "3 4 2")
	changed := c.ask(t, "PUT", url, `{"name": "b", "description": "mine"}`)
	expect(t, "changed", changed.str("name")+changed.str("description")+changed.str("organization"), "bmine1")
	expect(t, "by its name", c.get(t, "inventories/b++Default/").str("id"), "3")
	expect(t, "to a name that is taken", c.ask(t, "PATCH", url, `{"name": "a+b", "organization": 2}`).status, 400)
	expect(t, "still", c.ask(t, "GET", url, "").str("name"), "b")
	expect(t, "deleted by another", c.as("other").ask(t, "DELETE", url, "").status, 403)
	expect(t, "deleted", c.ask(t, "DELETE", url, "").status, 202)
	expect(t, "gone", c.ask(t, "GET", url, "").status, 404)
	expect(t, "an id is not given again", c.post(t, "inventories/", `{"name": "d", "organization": 1}`).str("id"), "5")
	expect(t, "the one of jobs stays", c.ask(t, "DELETE", "/api/v2/inventories/2/", "").status, 405)
}
