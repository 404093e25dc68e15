// Package template is the data source osac_templates.
package template
