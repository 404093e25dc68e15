resource "osac_compute_instance" "east" {
  provider = osac.regions
  hub      = "east"
  name     = "in-the-east"
  # ...
}
