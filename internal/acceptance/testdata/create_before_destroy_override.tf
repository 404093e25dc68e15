# Laid over instance.tf: a replacement is made before the old instance is deleted.

resource "osac_compute_instance" "this" {
  lifecycle {
    create_before_destroy = true
  }
}
