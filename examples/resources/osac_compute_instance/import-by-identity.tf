import {
  to = osac_compute_instance.web
  identity = {
    hub       = "default"
    namespace = "osac-system"
    name      = "web-1"
  }
}
