# What Terraform alone takes for so many resources: the floor that a provider is measured against.

variable "instances" {
  type = number
}

resource "terraform_data" "this" {
  count = var.instances

  input = {
    name = "bench-${count.index}"
  }
}
