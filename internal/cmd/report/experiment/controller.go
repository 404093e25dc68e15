package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

const (
	ownToken      = "experiment-terraform"
	rulebookToken = "experiment-rulebook"
	rulebookUser  = "eda"
)

// controller is a sandbox, with a record of what its two clients were told of jobs, and when.
type controller struct {
	url            string
	box            *sandbox.Sandbox
	server         *httpserver.Server
	ours, rulebook *told
}

func startController(ctx context.Context) (*controller, error) {
	server, err := httpserver.Listen(ctx, httpserver.Loopback)
	if err != nil {
		return nil, err
	}
	c := &controller{
		url: server.URL, server: server, box: sandbox.New(sandbox.Options{Token: ownToken}), ours: newTold(), rulebook: newTold(),
	}
	c.box.AddUser(rulebookUser, "", rulebookToken, false, map[string]sandbox.Role{
		createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
	})
	server.Start(c)
	return c, nil
}

func (c *controller) stop(ctx context.Context) {
	_ = c.server.Stop(ctx) // nobody asks any more
	c.box.Close()
}

// ServeHTTP has the sandbox answer, and reads along.
func (c *controller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reader := c.ours
	if strings.Contains(r.Header.Get("Authorization"), rulebookToken) {
		reader = c.rulebook
	}
	copied := &copying{ResponseWriter: w}
	c.box.ServeHTTP(copied, r)
	reader.read(copied.body.Bytes(), time.Now())
}

// copying keeps a copy of an answer.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write writes both.
func (c *copying) Write(part []byte) (int, error) {
	c.body.Write(part)
	return c.ResponseWriter.Write(part)
}

// told is when a client was first shown a job, and the job's end.
type told struct {
	mutex     sync.Mutex
	job, over map[int64]time.Time
}

func newTold() *told { return &told{job: map[int64]time.Time{}, over: map[int64]time.Time{}} }

func (t *told) shown(id int64) time.Time {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.job[id]
}

func (t *told) ended(id int64) time.Time {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.over[id]
}

// shownJob is what matters of a job in an answer.
type shownJob struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Finished string `json:"finished"`
}

// read notes the jobs in an answer: a single one, or a list's.
func (t *told) read(answer []byte, now time.Time) {
	var page struct {
		shownJob
		Results []shownJob `json:"results"`
	}
	if json.Unmarshal(answer, &page) != nil {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, each := range append(page.Results, page.shownJob) {
		if each.Type != "job" {
			continue
		}
		if t.job[each.ID].IsZero() {
			t.job[each.ID] = now
		}
		if each.Finished != "" && t.over[each.ID].IsZero() {
			t.over[each.ID] = now
		}
	}
}
