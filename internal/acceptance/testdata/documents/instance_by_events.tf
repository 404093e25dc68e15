resource "osac_compute_instance" "this" {
  provider = osac.events
  name     = "by-events"
  # ...
}
