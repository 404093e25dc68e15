# One instance, whose attributes are all given by variables: what is left out is null.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "url" {
  type    = string
  default = null
}

variable "token" {
  type      = string
  default   = null
  sensitive = true
}

variable "username" {
  type    = string
  default = null
}

variable "password" {
  type      = string
  default   = null
  sensitive = true
}

variable "template_prefix" {
  type    = string
  default = null
}

variable "poll_interval" {
  type    = string
  default = "100ms"
}

variable "hub" {
  type    = any
  default = {}
}

variable "hubs" {
  type    = any
  default = null
}

variable "eda" {
  type    = any
  default = null
}

variable "hub_extra_vars" {
  type      = string
  default   = null
  sensitive = true
}

variable "name" {
  type = string
}

variable "instance" {
  type    = any
  default = {}
}

variable "extra_vars" {
  type      = string
  default   = null
  sensitive = true
}

variable "extra_vars_wo" {
  type      = string
  default   = null
  sensitive = true
}

provider "osac" {
  url             = var.url
  token           = var.token
  username        = var.username
  password        = var.password
  namespace       = try(var.hub.namespace, "acceptance")
  tenant          = try(var.hub.tenant, null)
  organization    = try(var.hub.organization, null)
  template_prefix = try(var.hub.template_prefix, var.template_prefix)
  create_template = try(var.hub.create_template, null)
  delete_template = try(var.hub.delete_template, null)
  owner           = try(var.hub.owner, null)
  payload_format  = try(var.hub.payload_format, null)
  storage_classes = try(var.hub.storage_classes, null)
  request_timeout = try(var.hub.request_timeout, null)
  poll_interval   = try(var.hub.poll_interval, var.poll_interval)
  max_job_history = try(var.hub.max_job_history, null)
  extra_vars      = var.hub_extra_vars
  hubs            = var.hubs
  eda             = var.eda
}

resource "osac_compute_instance" "this" {
  name                  = var.name
  namespace             = try(var.instance.namespace, null)
  hub                   = try(var.instance.hub, null)
  tenant                = try(var.instance.tenant, null)
  template_id           = try(var.instance.template_id, null)
  template_parameters   = try(var.instance.template_parameters, null)
  image                 = try(var.instance.image, null)
  cores                 = try(var.instance.cores, 2)
  memory_gib            = try(var.instance.memory_gib, 4)
  boot_disk             = try(var.instance.boot_disk, null)
  additional_disks      = try(var.instance.additional_disks, null)
  gpu                   = try(var.instance.gpu, null)
  guest_os_family       = try(var.instance.guest_os_family, null)
  run_strategy          = try(var.instance.run_strategy, null)
  ssh_public_key        = try(var.instance.ssh_public_key, null)
  user_data_secret_ref  = try(var.instance.user_data_secret_ref, null)
  network_attachments   = try(var.instance.network_attachments, null)
  storage_classes       = try(var.instance.storage_classes, null)
  restart_requested_at  = try(var.instance.restart_requested_at, null)
  spec_extra            = try(var.instance.spec_extra, null)
  labels                = try(var.instance.labels, null)
  annotations           = try(var.instance.annotations, null)
  triggers              = try(var.instance.triggers, null)
  extra_vars            = var.extra_vars
  extra_vars_wo         = var.extra_vars_wo
  extra_vars_wo_version = try(var.instance.extra_vars_wo_version, null)
  skip_destroy          = try(var.instance.skip_destroy, null)
  take_over             = try(var.instance.take_over, null)
  timeouts              = try(var.instance.timeouts, null)
}
