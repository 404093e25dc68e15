# An instance whose state comes from an aap_job.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
    aap = {
      source = "ansible/aap"
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

variable "name" {
  type = string
}

variable "cores" {
  type    = number
  default = 2
}

variable "extra_vars" {
  type    = string
  default = null
}

provider "osac" {
  url           = var.url
  token         = var.token
  poll_interval = "100ms"
}

moved {
  from = aap_job.this
  to   = osac_compute_instance.this
}

resource "osac_compute_instance" "this" {
  name       = var.name
  namespace  = "acceptance"
  tenant     = "tenant-a"
  cores      = var.cores
  memory_gib = 4
  labels     = { team = "a" }
  extra_vars = var.extra_vars
}
