# One instance with secrets wherever there is a place for one. Those that Terraform need not keep are ephemeral.

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
  default   = null
  ephemeral = true
}

variable "username" {
  type    = string
  default = null
}

variable "password" {
  type      = string
  default   = null
  ephemeral = true
}

variable "eda" {
  type      = any
  default   = null
  ephemeral = true
}

variable "hub_extra_vars" {
  type      = string
  ephemeral = true
}

variable "name" {
  type = string
}

variable "extra_vars" {
  type      = string
  sensitive = true
}

variable "extra_vars_wo" {
  type      = string
  default   = null
  ephemeral = true
}

variable "template_parameters" {
  type      = string
  sensitive = true
}

provider "osac" {
  url           = var.url
  token         = var.token
  username      = var.username
  password      = var.password
  namespace     = "acceptance"
  poll_interval = "100ms"
  extra_vars    = var.hub_extra_vars
  eda           = var.eda
}

resource "osac_compute_instance" "this" {
  name                = var.name
  cores               = 2
  memory_gib          = 4
  template_parameters = var.template_parameters
  extra_vars          = var.extra_vars
  extra_vars_wo       = var.extra_vars_wo
}
