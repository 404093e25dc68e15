package eda

import (
	"strings"
	"time"
)

// Rulebook is the content of a rulebook: one ruleset.
type Rulebook struct {
	// Ruleset is its name; the job gets it as ansible_eda.ruleset.
	Ruleset string `json:"ruleset"`
	// Parallel is execution_strategy: parallel. False is the default of ansible-rulebook: sequential, so that the next
	// action waits until the poll has seen the previous job end (F61).
	Parallel bool `json:"parallel,omitempty"`
	// MatchMultipleRules lets an event fire all rules that match; otherwise it fires only the first.
	MatchMultipleRules bool   `json:"match_multiple_rules,omitempty"`
	Rules              []Rule `json:"rules"`
}

// Rule is one rule of a ruleset.
type Rule struct {
	Name     string `json:"name"`
	Disabled bool   `json:"disabled,omitempty"`
	// Condition is as in a rulebook: comparisons of event.… by == and !=, "is defined" and "is not defined", joined by
	// "and", such as: event.meta.endpoint == "create-compute-instance".
	Condition string `json:"condition"`
	// Actions run one after the other.
	Actions []Action `json:"actions"`
}

// Action is run_job_template or run_workflow_template. In Name, Organization, Labels, Limit and ExtraVars, templates
// such as {{ event.payload.metadata.uid }} are rendered.
type Action struct {
	// Workflow means run_workflow_template; otherwise it is run_job_template.
	Workflow     bool   `json:"workflow,omitempty"`
	Name         string `json:"name"`
	Organization string `json:"organization"`
	// ExtraVars is job_args.extra_vars: a template of the whole, or an object of JSON values in which every string is
	// a template.
	ExtraVars any `json:"extra_vars,omitempty"`
	// Limit is job_args.limit; empty: localhost, from hosts: localhost (eda 01).
	Limit string `json:"limit,omitempty"`
	// OmitEvents is include_events: false. The job then gets no ansible_eda at all (eda 05).
	OmitEvents bool `json:"omit_events,omitempty"`
	// Retry and Retries launch again, after Delay, if the job failed (eda 05).
	Retry   bool          `json:"retry,omitempty"`
	Retries int           `json:"retries,omitempty"`
	Delay   time.Duration `json:"delay,omitempty"`
	// Labels and AddEventUUIDLabel take effect where the template prompts for labels (eda 12).
	Labels            []string `json:"labels,omitempty"`
	AddEventUUIDLabel bool     `json:"add_event_uuid_label,omitempty"`
}

func (a Action) kind() string {
	if a.Workflow {
		return "run_workflow_template"
	}
	return "run_job_template"
}

// retries is how often a failed job is launched again: retry alone means once.
func (a Action) retries() int {
	if a.Retry {
		return max(a.Retries, 1)
	}
	return a.Retries
}

// OSACRulebook is the rulebook for the provider's webhook: the verb is in the path, and the body has all extra vars of
// the job in addition to ansible_eda. It is parallel, as OSAC's is (F80).
func OSACRulebook(prefix string) Rulebook {
	return osacRulebook(prefix, "Fulfillment webhook", `event.meta.endpoint == "%s-compute-instance"`)
}

// OSACStreamRulebook is the same for an event stream, which has no path of its own: the verb is in the body (eda 22).
func OSACStreamRulebook(prefix string) Rulebook {
	return osacRulebook(prefix, "Fulfillment event stream", `event.payload.osac_verb == "%s"`)
}

func osacRulebook(prefix, ruleset, condition string) Rulebook {
	book := Rulebook{Ruleset: ruleset, Parallel: true}
	for _, verb := range []string{"create", "delete"} {
		book.Rules = append(book.Rules, Rule{
			Name: strings.ToUpper(verb[:1]) + verb[1:] + " compute instance", Condition: strings.ReplaceAll(condition, "%s", verb),
			Actions: []Action{{
				Name: prefix + "-" + verb + "-compute-instance", Organization: "osac",
				ExtraVars: "{{ event.payload.extra_vars }}",
			}},
		})
	}
	return book
}
