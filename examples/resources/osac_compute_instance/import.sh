# By namespace and name, where the hub is "default":
terraform import osac_compute_instance.web osac-system/web-1

# On another hub, with its key first:
terraform import osac_compute_instance.web east/osac-system/web-1
