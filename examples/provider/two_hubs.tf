variable "hubs" {
  description = "Address and token of the automation controller in each region."
  type = object({
    east = object({ url = string, token = string })
    west = object({ url = string, token = string })
  })
  sensitive = true
}

# Two hubs by name. An instance chooses one, as in hub = "east".
provider "osac" {
  alias = "regions"

  hubs = {
    east = {
      url       = var.hubs.east.url
      token     = var.hubs.east.token
      namespace = "osac-system"
      tenant    = "tenant-a"

      storage_classes = [{ name = "lvms-tenant-a", tier = "local" }]
    }
    west = {
      url             = var.hubs.west.url
      token           = var.hubs.west.token
      namespace       = "osac-system"
      template_prefix = "site"
      request_timeout = "1m"
      tenant          = "tenant-a"
      storage_classes = [{ name = "ceph-rbd", tier = "local" }]
    }
  }
}
