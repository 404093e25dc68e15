# What desired_config_version would be:
output "web_version" {
  value = provider::osac::config_version({
    cores      = 2
    memory_gib = 4
    image = {
      source_type = "registry"
      source_ref  = "quay.io/containerdisks/fedora:latest"
    }
  })
}
