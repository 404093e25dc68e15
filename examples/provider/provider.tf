terraform {
  required_version = ">= 1.11"
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}

variable "aap_url" {
  description = "Address of the automation controller, such as https://aap.example.com."
  type        = string
}

variable "aap_token" {
  description = "Token with the scope write."
  type        = string
  sensitive   = true
}

# Left out, url and token come from the environment: OSAC_AAP_URL and OSAC_AAP_TOKEN.
provider "osac" {
  url       = var.aap_url
  token     = var.aap_token
  namespace = "osac-system"

  # OSAC's own playbooks need a tenant, and a storage class for each tier of the disks.
  tenant          = "tenant-a"
  storage_classes = [{ name = "lvms-tenant-a", tier = "local" }]
}
