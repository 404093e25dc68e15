# The instances of a namespace. Without depends_on they are read before the plan's own instances are made.
data "osac_compute_instances" "all" {
  namespace = "osac-system"

  depends_on = [osac_compute_instance.web]
}

# Those whose last run has failed, with what it said.
output "failed" {
  value = {
    for instance in data.osac_compute_instances.all.instances : instance.id => instance.last_job.message
    if instance.phase == "Failed"
  }
}

output "instances" {
  value = length(data.osac_compute_instances.all.instances)
}
