# terraform query -generate-config-out=instances.tf
# lists the instances, and writes what imports them all: a resource and an import block each.
list "osac_compute_instance" "all" {
  provider         = osac
  include_resource = true
  limit            = 1000

  config {
    namespace = "osac-system"
  }
}
