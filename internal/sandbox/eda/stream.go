package eda

import "time"

// Stream is an event stream of the EDA server.
type Stream struct {
	Name string
}

type stream struct{ id int64 }

func newStream(id int64, _ Stream, _ time.Time) *stream { return &stream{id: id} }
