# The job that has last worked on an instance. When the controller has cleaned it up, its state is "Purged".
data "osac_job" "last" {
  id = osac_compute_instance.web.last_job.id
}

output "last_job" {
  value = "${data.osac_job.last.state}: ${data.osac_job.last.message}"
}

output "last_output" {
  value = data.osac_job.last.stdout_tail
}
