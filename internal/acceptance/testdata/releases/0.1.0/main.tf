# What release 0.1.0 was applied with to make the state file beside this one. Neither is ever changed.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

resource "osac_compute_instance" "smallest" {
  name = "smallest"
}

resource "osac_compute_instance" "richest" {
  name                = "richest"
  namespace           = "osac-system"
  tenant              = "tenant-a"
  template_id         = "osac.templates.ocp_virt_vm"
  template_parameters = "{ \"z\": 1, \"a\": { \"c\": \"<&>\", \"b\": [1.50, null] } }"
  image = {
    source_type = "registry"
    source_ref  = "quay.io/containerdisks/fedora:latest"
  }
  cores      = 4
  memory_gib = 16
  boot_disk = {
    size_gib     = 40
    storage_tier = "local"
  }
  additional_disks = [
    { size_gib = 100 },
    { size_gib = 200, storage_tier = "fast" },
  ]
  gpu = {
    pci_device_selector = "10DE:20B0"
    resource_name       = "nvidia.com/A100"
    count               = 1
  }
  guest_os_family      = "linux"
  run_strategy         = "Always"
  ssh_public_key       = "ssh-ed25519 AAAA me"
  user_data_secret_ref = "user-data"
  network_attachments = [
    { subnet_ref = "subnet-b", security_group_refs = ["web", "db"] },
    { subnet_ref = "subnet-a" },
  ]
  storage_classes = [
    { name = "lvms-tenant-a", tier = "local" },
  ]
  restart_requested_at  = "2026-08-22T13:00:00+02:00"
  labels                = { team = "a" }
  annotations           = { note = "x" }
  triggers              = { playbook = "7" }
  extra_vars            = jsonencode({ b = 1, a = "text" })
  extra_vars_wo         = jsonencode({ password = "not kept" })
  extra_vars_wo_version = 3
  timeouts = {
    create = "20m"
  }
}
