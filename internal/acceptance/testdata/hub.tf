# A hub and nothing on it: the configuration of instances is generated.

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

provider "osac" {
  url   = var.url
  token = var.token
}
