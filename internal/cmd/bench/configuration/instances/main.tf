# Compute instances as a site has them. The benchmark sets the variables by TF_VAR_….

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "instances" {
  type = number
}

# The controller's address and token come from the environment: OSAC_AAP_URL and OSAC_AAP_TOKEN.
provider "osac" {
  storage_classes = [{ name = "lvms-vg1", tier = "local" }]
}

resource "osac_compute_instance" "this" {
  count = var.instances

  name                = "bench-${count.index}"
  cores               = 2
  memory_gib          = 8
  template_parameters = jsonencode({ exposed_ports = "22/tcp", cloud_init_timeout = 600 })
  image               = { source_type = "registry", source_ref = "quay.io/containerdisks/fedora:latest" }
  boot_disk           = { size_gib = 20 }
  ssh_public_key      = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBenchmarksOfTheProviderNeedNoRealKeyAtAll bench"
  network_attachments = [{ subnet_ref = "bench", security_group_refs = ["default", "web"] }]
  labels              = { "app" = "bench", "rack" = tostring(count.index % 8) }
}
