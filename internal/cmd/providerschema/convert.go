package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below have the fields of Terraform's own internal/command/jsonprovider. A [tftypes.Type] marshals itself
// into Terraform's notation for types.

type document struct {
	FormatVersion string                  `json:"format_version"`
	Schemas       map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider    schemaJSON              `json:"provider"`
	Resources   map[string]schemaJSON   `json:"resource_schemas,omitempty"`
	DataSources map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
	Ephemerals  map[string]schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
	Lists       map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
	Functions   map[string]functionJSON `json:"functions,omitempty"`
	Identities  map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
	Actions     map[string]actionJSON   `json:"action_schemas,omitempty"`
}

type schemaJSON struct {
	Version int64     `json:"version"`
	Block   blockJSON `json:"block"`
}

type actionJSON struct {
	Block blockJSON `json:"block"`
}

type blockJSON struct {
	Attributes      map[string]attributeJSON   `json:"attributes,omitempty"`
	Blocks          map[string]nestedBlockJSON `json:"block_types,omitempty"`
	Description     string                     `json:"description,omitempty"`
	DescriptionKind string                     `json:"description_kind,omitempty"`
	Deprecated      bool                       `json:"deprecated,omitempty"`
}

type nestedBlockJSON struct {
	NestingMode string    `json:"nesting_mode"`
	Block       blockJSON `json:"block"`
	MinItems    int64     `json:"min_items,omitempty"`
	MaxItems    int64     `json:"max_items,omitempty"`
}

type attributeJSON struct {
	Type            tftypes.Type    `json:"type,omitempty"`
	NestedType      *nestedTypeJSON `json:"nested_type,omitempty"`
	Description     string          `json:"description,omitempty"`
	DescriptionKind string          `json:"description_kind,omitempty"`
	Deprecated      bool            `json:"deprecated,omitempty"`
	Required        bool            `json:"required,omitempty"`
	Optional        bool            `json:"optional,omitempty"`
	Computed        bool            `json:"computed,omitempty"`
	Sensitive       bool            `json:"sensitive,omitempty"`
	WriteOnly       bool            `json:"write_only,omitempty"`
}

type nestedTypeJSON struct {
	Attributes  map[string]attributeJSON `json:"attributes,omitempty"`
	NestingMode string                   `json:"nesting_mode"`
}

type identityJSON struct {
	Version    int64                            `json:"version"`
	Attributes map[string]identityAttributeJSON `json:"attributes,omitempty"`
}

type identityAttributeJSON struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

type functionJSON struct {
	Description        string          `json:"description,omitempty"`
	Summary            string          `json:"summary,omitempty"`
	DeprecationMessage string          `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type    `json:"return_type"`
	Parameters         []parameterJSON `json:"parameters,omitempty"`
	VariadicParameter  *parameterJSON  `json:"variadic_parameter,omitempty"`
}

type parameterJSON struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

func newProvider(r *tfprotov6.GetProviderSchemaResponse, identities map[string]*tfprotov6.ResourceIdentitySchema) providerJSON {
	return providerJSON{
		Provider:    newSchema(r.Provider),
		Resources:   each(r.ResourceSchemas, newSchema),
		DataSources: each(r.DataSourceSchemas, newSchema),
		Ephemerals:  each(r.EphemeralResourceSchemas, newSchema),
		Lists:       each(r.ListResourceSchemas, newSchema),
		Functions:   each(r.Functions, newFunction),
		Identities:  each(identities, newIdentity),
		Actions: each(r.ActionSchemas, func(a *tfprotov6.ActionSchema) actionJSON {
			return actionJSON{Block: newBlock(a.Schema.Block)}
		}),
	}
}

func newSchema(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: newBlock(s.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) blockJSON {
	blocks := make(map[string]nestedBlockJSON, len(b.BlockTypes))
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = nestedBlockJSON{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       newBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return blockJSON{
		Attributes:      newAttributes(b.Attributes),
		Blocks:          blocks,
		Description:     b.Description,
		DescriptionKind: strings.ToLower(b.DescriptionKind.String()),
		Deprecated:      b.Deprecated,
	}
}

func newAttributes(list []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	attributes := make(map[string]attributeJSON, len(list))
	for _, a := range list {
		attributes[a.Name] = attributeJSON{
			Type:            a.Type,
			NestedType:      newNestedType(a.NestedType),
			Description:     a.Description,
			DescriptionKind: strings.ToLower(a.DescriptionKind.String()),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
	}
	return attributes
}

func newNestedType(o *tfprotov6.SchemaObject) *nestedTypeJSON {
	if o == nil {
		return nil
	}
	return &nestedTypeJSON{Attributes: newAttributes(o.Attributes), NestingMode: strings.ToLower(o.Nesting.String())}
}

func newIdentity(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	attributes := make(map[string]identityAttributeJSON, len(s.IdentityAttributes))
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = identityAttributeJSON{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return identityJSON{Version: s.Version, Attributes: attributes}
}

func newFunction(f *tfprotov6.Function) functionJSON {
	function := functionJSON{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		function.Parameters = append(function.Parameters, newParameter(p))
	}
	if f.VariadicParameter != nil {
		variadic := newParameter(f.VariadicParameter)
		function.VariadicParameter = &variadic
	}
	return function
}

func newParameter(p *tfprotov6.FunctionParameter) parameterJSON {
	return parameterJSON{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

// each converts a map's values.
func each[In, Out any](in map[string]In, convert func(In) Out) map[string]Out {
	out := make(map[string]Out, len(in))
	for name, value := range in {
		out[name] = convert(value)
	}
	return out
}
