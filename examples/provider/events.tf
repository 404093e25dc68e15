variable "webhook_token" {
  description = "The token that the rulebook's webhook asks for."
  type        = string
  sensitive   = true
}

# Runs are started by events: a rulebook launches the templates.
provider "osac" {
  alias = "events"

  # OSAC's own playbooks need a tenant, and a storage class for each tier of the disks.
  tenant          = "tenant-a"
  storage_classes = [{ name = "lvms-tenant-a", tier = "local" }]

  eda = {
    create_url = "https://eda.example.com:5000/create-compute-instance"
    delete_url = "https://eda.example.com:5000/delete-compute-instance"
    token      = var.webhook_token
  }
}
