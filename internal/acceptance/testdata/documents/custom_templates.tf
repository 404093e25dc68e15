# The sandbox of the test has templates of these names.
resource "osac_compute_instance" "this" {
  name = "by-other-templates"
  # ...
}
