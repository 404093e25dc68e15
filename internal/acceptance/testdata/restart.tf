# The restart of the instance, by hand or whenever its labels change.

action "osac_restart_compute_instance" "this" {
  config {
    id      = try(var.restart.id, null)
    name    = try(var.restart.id, null) == null ? var.name : null
    hub     = try(var.restart.hub, null)
    timeout = try(var.restart.timeout, null)
  }
}

variable "restart" {
  type    = any
  default = {}
}

variable "trigger" {
  type    = string
  default = "1"
}

resource "terraform_data" "trigger" {
  input = var.trigger

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.osac_restart_compute_instance.this]
    }
  }
}
