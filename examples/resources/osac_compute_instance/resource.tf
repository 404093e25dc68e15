resource "osac_compute_instance" "web" {
  name   = "web-1"
  tenant = "tenant-a"

  image = {
    source_type = "registry"
    source_ref  = "quay.io/containerdisks/fedora:latest"
  }
  cores      = 2
  memory_gib = 4
  boot_disk = {
    size_gib     = 20
    storage_tier = "local"
  }
  additional_disks = [
    { size_gib = 100, storage_tier = "local" },
  ]

  network_attachments = [{
    subnet_ref          = "subnet-abc12"
    security_group_refs = ["web-sg"]
  }]

  ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq0Yw me@example.com"
}

output "web_address" {
  value = osac_compute_instance.web.ip_address
}
