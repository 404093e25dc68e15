package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// The defaults of a hub's settings, if neither the configuration nor the environment sets them. They are the operator's
// own defaults (internal/sandbox/FACTS.md F86).
const (
	DefaultHub            = "default"
	DefaultTemplatePrefix = "osac"
	DefaultNamespace      = "osac-computeinstance"
	DefaultMaxJobHistory  = 10
	DefaultStartTimeout   = 2 * time.Minute
)

// HubSettings describe one hub: a controller, and how it runs instances.
type HubSettings struct {
	// Key is the hub's name in the configuration.
	Key string
	// Kind is the kind of the objects that the hub's two templates make and delete.
	Kind       osac.Kind
	Controller controller.Settings
	// Organization narrows the lookup of templates; empty means any, if the name is unambiguous.
	Organization   string
	CreateTemplate string
	DeleteTemplate string
	// Place names the hub's place, instead of its organization and templates; empty by default.
	Place string
	// Owner names the state that keeps the objects. Without an owner, no existing object counts as this state's.
	Owner         string
	PayloadFormat osac.PayloadFormat
	// TenantNamespace is where the hub's Tenant objects are; empty means each instance's own namespace.
	TenantNamespace string
	StorageClasses  []osac.StorageClass
	// ExtraVars is a JSON object that is sent with every run; nil means none.
	ExtraVars json.RawMessage
	// Secrets are credentials, which no message may show.
	Secrets []string
	// StartTimeout is how long after the start a run's job may appear on the controller; zero means DefaultStartTimeout.
	StartTimeout time.Duration
	// MaxJobHistory bounds the history of jobs that a read returns.
	MaxJobHistory int
	// NewBackend makes the hub's backend: NewDirect, or another.
	NewBackend func(*Hub) Backend
	// Logger gets a line at INFO for every change of a job; nil discards.
	Logger *slog.Logger
}

// payload returns the hub's additions to each payload.
func (h HubSettings) payload() osac.PayloadSettings {
	return osac.PayloadSettings{
		Kind:   h.Kind,
		Format: h.PayloadFormat, StorageClasses: h.StorageClasses, ExtraVars: h.ExtraVars, TenantNamespace: h.TenantNamespace, Owner: h.Owner, Place: h.Place,
	}
}

// payload builds the payload of a run for the instance on this hub.
func (h *Hub) payload(id string, instance osac.Instance, lastRestartedAt *osac.Timestamp, labels osac.RunLabels) (osac.Payload, error) {
	payload, err := osac.NewPayload(h.settings.payload(), instance, lastRestartedAt, labels)
	if err != nil {
		return osac.Payload{}, &Error{Reason: ReasonExtraVars, Instance: id, Err: err, What: fmt.Sprintf("The payload of instance %s could not be built.", id)}
	}
	return payload, nil
}

// TemplateNames returns the names of a kind's create template and delete template under a prefix, as the operator forms
// them.
func TemplateNames(prefix string, kind osac.Kind) (string, string) {
	return prefix + "-create-" + kind.Slug, prefix + "-delete-" + kind.Slug
}

// Hub is one AAP controller on which instances are run. It does what there is to do for an instance: Apply, Refresh,
// Destroy, Import, Inventory, and Check before any of it. A Hub is safe for concurrent use.
type Hub struct {
	settings HubSettings
	client   *controller.Client
	backend  Backend
	finder   *jobs.Finder
	memory   *memory
	locks    *locks
	outage   outage
	// operations counts the applies and destroys that are under way.
	operations atomic.Int64
	log        *slog.Logger
}

// Hubs are the hubs of one configuration, by key. They share this process's memory of instances, so that two keys of
// one controller know the same.
type Hubs map[string]*Hub

// NewHubs makes the hubs, and sends nothing. Settings that can't be used are an error.
func NewHubs(settings ...HubSettings) (Hubs, error) {
	remembered, shared := newMemory(), newLocks()
	hubs := Hubs{}
	for _, each := range settings {
		hub, err := newHub(each, besideNoPlace(each, settings), remembered, shared)
		if err != nil {
			return nil, err
		}
		hubs[each.Key] = hub
	}
	return hubs, nil
}

func newHub(settings HubSettings, placed bool, remembered *memory, shared *locks) (*Hub, error) {
	if settings.Logger == nil {
		settings.Logger = slog.New(slog.DiscardHandler)
	}
	if settings.StartTimeout <= 0 {
		settings.StartTimeout = DefaultStartTimeout
	}
	client, err := controller.New(settings.Controller)
	if err != nil {
		return nil, &Error{Reason: ReasonHub, What: "The settings of hub " + strconv.Quote(settings.Key) + " can't be used.", Err: err}
	}
	hub := &Hub{
		settings: settings,
		client:   client,
		memory:   remembered,
		locks:    shared,
		log:      settings.Logger.With("hub", settings.Key),
	}
	hub.finder = jobs.NewFinder(client, jobs.FinderSettings{
		Kind: settings.Kind,
		Hub:  settings.Key, Organization: settings.Organization, Place: settings.Place, PlacedOnly: placed,
		CreateTemplate: settings.CreateTemplate, DeleteTemplate: settings.DeleteTemplate, Logger: settings.Logger,
		Context: settings.Controller.Context,
	})
	hub.backend = settings.NewBackend(hub)
	return hub, nil
}

// Key returns the hub's name in the configuration.
func (h *Hub) Key() string { return h.settings.Key }

// Owner returns the name of the state that the hub's instances belong to; empty if none is known.
func (h *Hub) Owner() string { return h.settings.Owner }

// StorageClasses returns the storage classes of instances that name none.
func (h *Hub) StorageClasses() []osac.StorageClass { return h.settings.StorageClasses }

// instanceID returns the instance's id: the key, after the hub's key unless the hub is the default.
func (h *Hub) instanceID(key osac.Key) string { return InstanceID(h.settings.Key, key) }

// InstanceID returns an instance's id: "namespace/name", on other hubs than the default "hub/namespace/name".
func InstanceID(hub string, key osac.Key) string {
	if hub == DefaultHub {
		return key.String()
	}
	return hub + "/" + key.String()
}

// controllerUUID returns the install uuid of the hub's controller, which must equal the recorded one if there is one.
func (h *Hub) controllerUUID(ctx context.Context, id, recorded string) (string, error) {
	installation, err := h.client.Installation(ctx)
	if err != nil {
		return "", h.unusable(id, err)
	}
	if recorded != "" && recorded != installation.UUID {
		return "", &Error{
			Reason: ReasonOtherController, Instance: id,
			What: fmt.Sprintf("Hub %s at %s is another controller (install uuid %s) than the one that runs instance %s (%s). Nothing was done.",
				strconv.Quote(h.settings.Key), h.client.URL(), installation.UUID, id, recorded),
			Next: "Point the hub at the controller that the instance was made on. An instance never moves between controllers: to leave it behind, use a removed block with lifecycle { destroy = false }.",
		}
	}
	return installation.UUID, nil
}

func (h *Hub) unusable(id string, err error) error {
	return &Error{
		Reason: ReasonHub, Instance: id,
		What: fmt.Sprintf("Hub %s at %s could not be used for instance %s.", strconv.Quote(h.settings.Key), h.client.URL(), id),
		Err:  err,
		Next: remedy(err),
	}
}
