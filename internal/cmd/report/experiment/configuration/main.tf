# Instances whose jobs take as long as the experiment says. Its variables come as TF_VAR_….

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "jobs" {
  type = map(object({ seconds = number, delete_seconds = number }))
}

variable "eda" {
  type    = object({ create_url = string, delete_url = string })
  default = null
}

# The controller's address and token come from the environment: OSAC_AAP_URL and OSAC_AAP_TOKEN.
provider "osac" {
  storage_classes = [{ name = "lvms-vg1", tier = "local" }]
  eda             = var.eda
}

resource "osac_compute_instance" "this" {
  for_each = var.jobs

  name                = each.key
  cores               = 2
  memory_gib          = 8
  template_parameters = jsonencode({ simulate = each.value })
  image               = { source_type = "registry", source_ref = "quay.io/containerdisks/fedora:latest" }
  boot_disk           = { size_gib = 20 }
  network_attachments = [{ subnet_ref = "experiment" }]
}
