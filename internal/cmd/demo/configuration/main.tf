terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

# The controller's address and token come from the environment: OSAC_AAP_URL and OSAC_AAP_TOKEN.
provider "osac" {
  tenant          = "demo"
  storage_classes = [{ name = "lvms-vg1", tier = "local" }]
}

variable "machines" {
  type = map(object({
    cores                = number
    memory_gib           = number
    run_strategy         = optional(string, "Always")
    restart_requested_at = optional(string)
    exposed_ports        = optional(string, "22/tcp")
  }))
}

resource "osac_compute_instance" "machine" {
  for_each = var.machines

  name                 = "demo-${each.key}"
  cores                = each.value.cores
  memory_gib           = each.value.memory_gib
  run_strategy         = each.value.run_strategy
  restart_requested_at = each.value.restart_requested_at
  template_parameters  = jsonencode({ exposed_ports = each.value.exposed_ports })
  image                = { source_type = "registry", source_ref = "quay.io/containerdisks/fedora:latest" }
  boot_disk            = { size_gib = 20, storage_tier = "local" }
  network_attachments  = [{ subnet_ref = "demo" }]
}

output "machines" {
  value = { for key, machine in osac_compute_instance.machine : key => "${machine.phase} at ${machine.ip_address}" }
}
