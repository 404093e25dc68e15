# Surrounds attributes of an instance.
resource "osac_compute_instance" "this" {
  name = "with-attributes"
  # ...
# the block
}
