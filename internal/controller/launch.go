package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Launch is the answer to a launch that was accepted.
type Launch struct {
	Job Job
	// IgnoredExtraVars names the extra vars that the controller dropped: the job runs without them (203). The client
	// does not keep their values.
	IgnoredExtraVars []string
}

// Launch starts a template with extra vars, which are a JSON object or nothing.
//
// The POST is sent once. It is sent again only if it certainly was not carried out: no connection was made, 423 or 498.
// At most MaxLaunches are in flight; others wait for their turn while ctx lasts. Once a launch is sent, the client
// waits for the answer within the launch time-out, even if ctx has ended: so no job is left whose number is unknown.
//
// If errors.Is(err, transport.ErrOutcomeUnknown), a job may exist: search for it. ErrInvalid comes with the fields that
// the controller names (220, 224). ErrNotFound means that the template's id is gone: Forget its name.
func (c *Client) Launch(ctx context.Context, t Template, extraVars json.RawMessage) (Launch, error) {
	body, err := launchBody(extraVars)
	if err != nil {
		return Launch{}, err
	}
	address, err := c.address(ctx, nil, "%s/%d/launch/", t.path(), t.ID)
	if err != nil {
		return Launch{}, err
	}
	select {
	case c.launches <- struct{}{}:
		defer func() { <-c.launches }()
	case <-ctx.Done():
		return Launch{}, c.left(ctx, "waiting for other launches before launching "+t.Name, nil)
	}
	k := call{
		method: http.MethodPost, url: address, body: body, timeout: c.launchTimeout, finish: true, secrets: redact.Values(extraVars),
	}
	answer, err := c.send(ctx, k)
	if err != nil {
		return Launch{}, err
	}
	launched, err := c.parseLaunch(answer.Body, t.Kind)
	if err != nil || answer.Status != http.StatusCreated {
		// The launch was accepted, or the answer did not come from a controller. In both cases a job may exist.
		failed := c.newError(k, answer)
		failed.Detail = "the answer to the launch can't be read (" + c.describe(k, answer) + "); " + transport.ErrOutcomeUnknown.Error()
		failed.err = errors.Join(transport.ErrOutcomeUnknown, err)
		return Launch{}, failed
	}
	return launched, nil
}

func launchBody(extraVars json.RawMessage) ([]byte, error) {
	if len(extraVars) == 0 {
		return []byte("{}"), nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(extraVars, &keys); err != nil {
		// The parser's error is left out: it may quote a value.
		return nil, errors.New("the extra vars are not a JSON object")
	}
	body := make([]byte, 0, len(extraVars)+16)
	body = append(body, `{"extra_vars":`...)
	body = append(body, extraVars...)
	return append(body, '}'), nil
}

// parseLaunch reads a 201: the job's row and the ignored extra vars. The row's type decides the kind, since a sliced
// job template makes a workflow job.
func (c *Client) parseLaunch(body []byte, kind Kind) (Launch, error) {
	var r struct {
		row
		Ignored map[string]json.RawMessage `json:"ignored_fields"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return Launch{}, fmt.Errorf("reading the launch's answer: %w", err)
	}
	j, err := c.job(r.row, kind)
	if err != nil {
		return Launch{}, err
	}
	return Launch{Job: j, IgnoredExtraVars: ignoredNames(r.Ignored["extra_vars"])}, nil
}

// ignoredNames returns the names of the dropped extra vars, which come as an object or as a string of one.
func ignoredNames(value json.RawMessage) []string {
	if len(value) == 0 || string(value) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		value = json.RawMessage(text)
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(value, &keys) != nil {
		return []string{"extra_vars"}
	}
	return variableNames(sortedKeys(keys))
}
