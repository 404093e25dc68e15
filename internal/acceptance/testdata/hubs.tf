# As instance.tf, but with all hubs in the map.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "hubs" {
  type = any
}

variable "hub" {
  type    = string
  default = null
}

variable "name" {
  type = string
}

variable "extra_vars" {
  type      = string
  default   = null
  sensitive = true
}

provider "osac" {
  hubs = var.hubs
}

resource "osac_compute_instance" "this" {
  name       = var.name
  hub        = var.hub
  cores      = 2
  memory_gib = 4
  extra_vars = var.extra_vars
}
