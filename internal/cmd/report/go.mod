module github.com/osac-project/terraform-provider-osac/internal/cmd/report

go 1.26.0

toolchain go1.26.8

require github.com/osac-project/terraform-provider-osac v0.0.0

replace github.com/osac-project/terraform-provider-osac => ../../..
