package eda

import "net/http"

// API says what is at the EDA server's API.
type API struct{}

func (a API) withDefaults() API { return a }

// APIHandler serves the EDA server's API, event streams included.
func (s *Server) APIHandler() http.Handler { return http.NotFoundHandler() }

type auditRule struct{}

func (s *Server) audited(*match, Action, outcome) {}
