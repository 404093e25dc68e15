variable "east_token" {
  type      = string
  sensitive = true
}

variable "west_token" {
  type      = string
  sensitive = true
}

# Two hubs by name. An instance chooses one: hub = "east".
provider "osac" {
  alias = "regions"

  hubs = {
    east = {
      url       = "https://aap.east.example.com"
      token     = var.east_token
      namespace = "osac-system"
    }
    west = {
      url             = "https://aap.west.example.com"
      token           = var.west_token
      namespace       = "osac-system"
      template_prefix = "site"
      request_timeout = "1m"
    }
  }
}
