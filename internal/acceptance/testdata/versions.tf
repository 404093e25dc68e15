# Stands beside examples that leave it to the reader where the provider comes from.

terraform {
  required_providers {
    osac = {
      source = "osac-project/osac"
    }
  }
}
