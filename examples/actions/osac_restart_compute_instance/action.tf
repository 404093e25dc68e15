# By hand: terraform apply -invoke=action.osac_restart_compute_instance.web
action "osac_restart_compute_instance" "web" {
  config {
    namespace = "osac-system"
    name      = "web-1"
  }
}

# Or whenever something changes that the machine reads at its start:
resource "terraform_data" "settings" {
  input = "v1"

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.osac_restart_compute_instance.web]
    }
  }
}
