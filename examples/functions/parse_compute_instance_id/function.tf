output "namespace" {
  value = provider::osac::parse_compute_instance_id("east/osac-system/web-1").namespace
}
