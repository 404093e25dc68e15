# What a start of Terraform and the provider is measured by.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

provider "osac" {
  controller = {
    url   = "http://127.0.0.1:1"
    token = "none"
  }
}
