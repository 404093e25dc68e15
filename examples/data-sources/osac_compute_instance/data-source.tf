# An instance that somebody else may manage.
data "osac_compute_instance" "database" {
  name      = osac_compute_instance.web.name
  namespace = osac_compute_instance.web.namespace
}

output "database_address" {
  value = data.osac_compute_instance.database.ip_address
}

output "database_last_job" {
  value = data.osac_compute_instance.database.jobs[0].url
}
