# A hub, for resources that stand in files of their own: what is tested is at which addresses they are.

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

variable "eda" {
  type    = any
  default = null
}

provider "osac" {
  url           = var.url
  token         = var.token
  namespace     = "acceptance"
  poll_interval = "100ms"
  eda           = var.eda
}

provider "osac" {
  alias         = "again"
  url           = var.url
  token         = var.token
  namespace     = "acceptance"
  poll_interval = "100ms"
  eda           = var.eda
}
