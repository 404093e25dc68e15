# Instances that are alike but for what is changed in each: every value of `changes` holds the attributes of one.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "url" {
  type = string
}

variable "token" {
  type      = string
  sensitive = true
}

variable "hubs" {
  type    = any
  default = null
}

variable "prefix" {
  type = string
}

variable "base" {
  type = any
}

variable "changes" {
  type = any
}

locals {
  instances = { for key, change in var.changes : key => merge(var.base, change) }
}

provider "osac" {
  url           = var.url
  token         = var.token
  namespace     = "acceptance"
  poll_interval = "100ms"
  hubs          = var.hubs
}

resource "osac_compute_instance" "this" {
  for_each = local.instances

  name                  = try(each.value.name, "${var.prefix}-${replace(each.key, "/[^a-z0-9]+/", "-")}")
  namespace             = try(each.value.namespace, null)
  hub                   = try(each.value.hub, null)
  tenant                = try(each.value.tenant, null)
  template_id           = try(each.value.template_id, null)
  template_parameters   = try(each.value.template_parameters, null)
  image                 = try(each.value.image, null)
  cores                 = try(each.value.cores, null)
  memory_gib            = try(each.value.memory_gib, null)
  boot_disk             = try(each.value.boot_disk, null)
  additional_disks      = try(each.value.additional_disks, null)
  gpu                   = try(each.value.gpu, null)
  guest_os_family       = try(each.value.guest_os_family, null)
  run_strategy          = try(each.value.run_strategy, null)
  ssh_public_key        = try(each.value.ssh_public_key, null)
  user_data_secret_ref  = try(each.value.user_data_secret_ref, null)
  network_attachments   = try(each.value.network_attachments, null)
  storage_classes       = try(each.value.storage_classes, null)
  restart_requested_at  = try(each.value.restart_requested_at, null)
  labels                = try(each.value.labels, null)
  annotations           = try(each.value.annotations, null)
  triggers              = try(each.value.triggers, null)
  extra_vars            = try(each.value.extra_vars, null)
  extra_vars_wo_version = try(each.value.extra_vars_wo_version, null)
  skip_destroy          = try(each.value.skip_destroy, null)
  take_over             = try(each.value.take_over, null)
  timeouts              = try(each.value.timeouts, null)
}
