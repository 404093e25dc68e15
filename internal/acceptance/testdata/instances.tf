# Instances that are alike but for what is changed in each: every element of `changes` holds the attributes of one.

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
  instances = [for change in var.changes : merge(var.base, change)]
}

provider "osac" {
  url           = var.url
  token         = var.token
  namespace     = "acceptance"
  poll_interval = "100ms"
  hubs          = var.hubs
}

resource "osac_compute_instance" "this" {
  count = length(local.instances)

  name                  = try(local.instances[count.index].name, "${var.prefix}-${count.index}")
  namespace             = try(local.instances[count.index].namespace, null)
  hub                   = try(local.instances[count.index].hub, null)
  tenant                = try(local.instances[count.index].tenant, null)
  template_id           = try(local.instances[count.index].template_id, null)
  template_parameters   = try(local.instances[count.index].template_parameters, null)
  image                 = try(local.instances[count.index].image, null)
  cores                 = try(local.instances[count.index].cores, null)
  memory_gib            = try(local.instances[count.index].memory_gib, null)
  boot_disk             = try(local.instances[count.index].boot_disk, null)
  additional_disks      = try(local.instances[count.index].additional_disks, null)
  gpu                   = try(local.instances[count.index].gpu, null)
  guest_os_family       = try(local.instances[count.index].guest_os_family, null)
  run_strategy          = try(local.instances[count.index].run_strategy, null)
  ssh_public_key        = try(local.instances[count.index].ssh_public_key, null)
  user_data_secret_ref  = try(local.instances[count.index].user_data_secret_ref, null)
  network_attachments   = try(local.instances[count.index].network_attachments, null)
  storage_classes       = try(local.instances[count.index].storage_classes, null)
  restart_requested_at  = try(local.instances[count.index].restart_requested_at, null)
  spec_extra            = try(local.instances[count.index].spec_extra, null)
  labels                = try(local.instances[count.index].labels, null)
  annotations           = try(local.instances[count.index].annotations, null)
  triggers              = try(local.instances[count.index].triggers, null)
  extra_vars            = try(local.instances[count.index].extra_vars, null)
  extra_vars_wo_version = try(local.instances[count.index].extra_vars_wo_version, null)
  skip_destroy          = try(local.instances[count.index].skip_destroy, null)
  take_over             = try(local.instances[count.index].take_over, null)
  timeouts              = try(local.instances[count.index].timeouts, null)
}
