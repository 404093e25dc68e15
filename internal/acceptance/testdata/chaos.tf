# What the chaos test's instances have in common; they stand in a file of their own. One of their labels comes from a
# resource of the same apply: with another generation it is unknown at plan, and turns out to be the same or not.

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

variable "hub" {
  type = string
}

variable "owner" {
  type = string
}

variable "hub_extra_vars" {
  type      = string
  sensitive = true
}

variable "name" {
  type = string
}

variable "cores" {
  type = number
}

variable "run_strategy" {
  type = string
}

variable "restart_requested_at" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}

variable "value" {
  type = string
}

variable "generation" {
  type = number
}

variable "take_over" {
  type = bool
}

variable "extra_vars" {
  type      = string
  sensitive = true
}

variable "extra_vars_wo" {
  type      = string
  sensitive = true
}

variable "template_prefix" {
  type    = string
  default = "osac"
}

# Three places on one controller: the usual one, that of another prefix, and that of another organization.
locals {
  usual = {
    url             = var.url
    token           = var.token
    organization    = "osac"
    template_prefix = var.template_prefix
    namespace       = "acceptance"
    owner           = var.owner
    poll_interval   = "100ms"
    request_timeout = "2s"
    extra_vars      = var.hub_extra_vars
  }
  hubs = {
    (var.hub) = local.usual
    lab       = merge(local.usual, { template_prefix = "lab" })
    annex     = merge(local.usual, { organization = "annex" })
  }
}

provider "osac" {
  hubs = local.hubs
}

provider "osac" {
  alias = "again"
  hubs  = local.hubs
}

resource "terraform_data" "source" {
  input            = var.value
  triggers_replace = var.generation
}
