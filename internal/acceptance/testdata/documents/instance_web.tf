# The instance that others refer to.
resource "osac_compute_instance" "web" {
  name       = "web-of-others"
  cores      = 2
  memory_gib = 4
  # ...
}
