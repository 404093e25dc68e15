import {
  to = osac_compute_instance.web
  id = "osac-system/web-1"
}
