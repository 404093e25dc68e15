// Package job is the data source osac_job.
package job
