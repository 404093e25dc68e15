# One instance on each of several hubs, all of them in the map.

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

variable "names" {
  description = "The instances' names by hub."
  type        = map(string)
}

variable "labels" {
  description = "The instances' labels by hub."
  type        = any
  default     = {}
}

provider "osac" {
  hubs = var.hubs
}

resource "osac_compute_instance" "this" {
  for_each = var.names

  name       = each.value
  hub        = each.key
  cores      = 2
  memory_gib = 4
  labels     = try(var.labels[each.key], null)

  # A hub that is down is waited for.
  timeouts = {
    update = "20s"
  }
}
