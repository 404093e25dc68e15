package planclaim

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// The ways out. A provider doesn't know the addresses, so the reader must fill them in.
const (
	byMoving   = "- If it is the same machine at a new address (a block was renamed or moved into a module, or count became for_each): add a moved block from the old address to the new one, or run terraform state mv."
	byKeys     = "- If names have moved up in a list under count, or were exchanged: use for_each with keys that stay, such as the names, and moved blocks."
	byRemoval  = "- If a new machine of that name is wanted: apply the removal of the old one first, and add the new one then."
	byRelease  = "- If both addresses are in state: drop one with terraform state rm, or with a removed block that has lifecycle { destroy = false }. Neither deletes the machine."
	byOther    = "- If a block was copied: give one of the two another name, or remove it."
	byDestroy  = "- To destroy everything: terraform destroy -refresh=false. Without that flag Terraform plans the configuration first."
	noneAtAll  = "Nothing was planned for it, and no job was launched."
	sideBySide = "Terraform works on two addresses side by side, in no certain order."
)

// diagnostic is the error of a planning call with the conflict.
func (c Conflict) diagnostic() diag.Diagnostic {
	if c.shared {
		return diag.NewAttributeErrorDiagnostic(path.Root("name"), "Two resources have the same instance", diagnose.Printable(c.detail()))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), "An instance is given up and taken up in one plan", diagnose.Printable(c.detail()))
}

// Explained are the errors of conflicts.
func Explained(conflicts []Conflict) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, conflict := range conflicts {
		diags.Append(conflict.diagnostic())
	}
	return diags
}

// detail says what two addresses do with one instance, and what to do about it.
func (c Conflict) detail() string {
	id := provisioning.InstanceID(c.object.Place.Hub, c.object.Key)
	switch {
	case c.shared:
		return fmt.Sprintf("Instance %s stands at two addresses of this configuration. A name can be used once in a namespace of a hub: "+
			"both would run jobs for the same machine, and the end of one would delete it for the other. %s\n\n%s\n%s\n%s",
			id, noneAtAll, byOther, byRelease, byMoving)
	case c.kept:
		return fmt.Sprintf("Instance %s is held at two addresses: one keeps it, and at the other it is destroyed, or replaced under another name. "+
			"That would delete the machine of both. %s\n\n%s\n%s\n%s\n%s", id, noneAtAll, byRelease, byMoving, byKeys, byDestroy)
	default:
		return fmt.Sprintf("Instance %s is destroyed, or replaced under another name, at one address, and created at another. %s "+
			"The machine could be deleted after it was made. %s\n\n%s\n%s\n%s\n%s",
			id, sideBySide, noneAtAll, byMoving, byKeys, byRemoval, byDestroy)
	}
}
