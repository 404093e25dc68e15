# An instance whose inputs come from a resource of the same apply: with another generation they are unknown at plan.

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

variable "name" {
  type = string
}

variable "value" {
  type = string
}

variable "generation" {
  type = number
}

provider "osac" {
  url           = var.url
  token         = var.token
  namespace     = "acceptance"
  poll_interval = "100ms"
}

resource "terraform_data" "source" {
  input            = var.value
  triggers_replace = var.generation
}

resource "osac_compute_instance" "this" {
  name                = var.name
  cores               = 2
  memory_gib          = 4
  template_parameters = jsonencode({ value = terraform_data.source.output })
  labels              = { value = terraform_data.source.output }
}
