terraform {
  required_version = ">= 1.11"
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

# The token comes from the environment variable OSAC_AAP_TOKEN.
provider "osac" {
  url       = "https://aap.example.com"
  namespace = "osac-system"

  # The stock playbooks require at least one.
  storage_classes = [{ name = "lvms-tenant-a", tier = "local" }]
}
