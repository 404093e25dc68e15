package hubs

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// Model is the provider block.
type Model struct {
	HubModel
	Hubs types.Map `tfsdk:"hubs"`
}

// HubModel is the configuration of one hub.
type HubModel struct {
	URL                types.String         `tfsdk:"url"`
	Token              types.String         `tfsdk:"token"`
	Username           types.String         `tfsdk:"username"`
	Password           types.String         `tfsdk:"password"`
	CACertificate      types.String         `tfsdk:"ca_certificate"`
	InsecureSkipVerify types.Bool           `tfsdk:"insecure_skip_verify"`
	RequestTimeout     timetypes.GoDuration `tfsdk:"request_timeout"`
	PollInterval       timetypes.GoDuration `tfsdk:"poll_interval"`
	Organization       types.String         `tfsdk:"organization"`
	TemplatePrefix     types.String         `tfsdk:"template_prefix"`
	CreateTemplate     types.String         `tfsdk:"create_template"`
	DeleteTemplate     types.String         `tfsdk:"delete_template"`
	Namespace          types.String         `tfsdk:"namespace"`
	Tenant             types.String         `tfsdk:"tenant"`
	TenantNamespace    types.String         `tfsdk:"tenant_namespace"`
	Owner              types.String         `tfsdk:"owner"`
	Place              types.String         `tfsdk:"place"`
	PayloadFormat      types.String         `tfsdk:"payload_format"`
	StorageClasses     types.List           `tfsdk:"storage_classes"`
	ExtraVars          types.String         `tfsdk:"extra_vars"`
	MaxJobHistory      types.Int64          `tfsdk:"max_job_history"`
	EDA                types.Object         `tfsdk:"eda"`
}

func (m HubModel) values() []attr.Value {
	return []attr.Value{
		m.URL, m.Token, m.Username, m.Password, m.CACertificate, m.InsecureSkipVerify, m.RequestTimeout, m.PollInterval,
		m.Organization, m.TemplatePrefix, m.CreateTemplate, m.DeleteTemplate, m.Namespace, m.Tenant, m.TenantNamespace, m.Owner, m.Place,
		m.PayloadFormat, m.StorageClasses, m.ExtraVars, m.MaxJobHistory, m.EDA,
	}
}

// isEmpty reports whether nothing at all is set.
func (m HubModel) isEmpty() bool {
	return !slices.ContainsFunc(m.values(), func(v attr.Value) bool { return !v.IsNull() })
}

// StorageClassModel is one entry of storage_classes, in the provider block and in the resource.
type StorageClassModel struct {
	Name types.String `tfsdk:"name"`
	Tier types.String `tfsdk:"tier"`
}

// StorageClasses converts a known list; null gives nil.
func StorageClasses(ctx context.Context, list types.List) ([]osac.StorageClass, diag.Diagnostics) {
	models, diags := tfvalue.Elements[StorageClassModel](ctx, list)
	if models == nil {
		return nil, diags
	}
	classes := make([]osac.StorageClass, len(models))
	for i, model := range models {
		classes[i] = osac.StorageClass{Name: model.Name.ValueString(), Tier: model.Tier.ValueString()}
	}
	return classes, diags
}
