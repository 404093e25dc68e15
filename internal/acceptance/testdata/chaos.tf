# The chaos test's instance. One of its labels comes from a resource of the same apply: with another generation it is
# unknown at plan, and turns out to be the same or not.

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

provider "osac" {
  hubs = {
    (var.hub) = {
      url             = var.url
      token           = var.token
      namespace       = "acceptance"
      owner           = var.owner
      poll_interval   = "100ms"
      request_timeout = "2s"
      extra_vars      = var.hub_extra_vars
    }
  }
}

resource "terraform_data" "source" {
  input            = var.value
  triggers_replace = var.generation
}

resource "osac_compute_instance" "this" {
  name                 = var.name
  hub                  = var.hub
  cores                = var.cores
  memory_gib           = 4
  run_strategy         = var.run_strategy
  restart_requested_at = var.restart_requested_at
  labels               = merge(var.labels, { value = terraform_data.source.output })
  take_over            = var.take_over
  extra_vars           = var.extra_vars
  extra_vars_wo        = var.extra_vars_wo
}
