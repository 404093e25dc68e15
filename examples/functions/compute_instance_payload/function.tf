# terraform output -raw web_payload > vars.json && ansible-playbook create.yml --extra-vars @vars.json
output "web_payload" {
  value = provider::osac::compute_instance_payload(
    {
      namespace  = "osac-system"
      name       = "web-1"
      tenant     = "tenant-a"
      cores      = 2
      memory_gib = 4

      boot_disk           = { size_gib = 20, storage_tier = "local" }
      network_attachments = [{ subnet_ref = "my-subnet" }]
    },
    "provision",
    # What the provider block says of payloads; may be left out.
    { storage_classes = [{ name = "fast", tier = "local" }] },
  )
}
