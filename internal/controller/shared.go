package controller

import (
	"context"
	"errors"
	"sync"
	"time"
)

// sharedBound is the longest time of a shared call: longer than a refusal must last to be believed. Callers who have
// more time begin another call.
const sharedBound = refusalStands + 15*time.Second

// shared makes one call for all callers who ask for the same key at the same time. The call's context is the client's
// own, so it carries nothing of a single caller. Each caller leaves when its own context ends. The call ends when the
// last caller has left, or after sharedBound. Nothing is kept after the call.
type shared[T any] struct {
	// own is the parent of the calls' contexts; it never ends.
	own context.Context //nolint:containedctx // it is the client's

	mu    sync.Mutex
	calls map[string]*sharedCall[T]
}

type sharedCall[T any] struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	value   T
	err     error
	// cut is set if sharedBound has ended the call.
	cut bool
	// last is the call's last failure, for callers who leave before its end.
	last error
}

// do joins the call for key, or begins one; if sharedBound has ended the call, do begins another while ctx lasts. If
// ctx ends first, the second result is false, and the error is the call's last failure, or nil. The call reports its
// failures through note.
func (s *shared[T]) do(ctx context.Context, key string, begin func(ctx context.Context, note func(error)) (T, error)) (T, bool, error) {
	var met error
	for {
		k, ended := s.join(ctx, key, begin)
		if ended && (!k.cut || ctx.Err() != nil) {
			return k.value, true, k.err
		}
		if k.last != nil {
			met = k.last
		}
		if !ended {
			var none T
			return none, false, met
		}
	}
}

// join waits for the call for key, and returns false if ctx ends first.
func (s *shared[T]) join(ctx context.Context, key string, begin func(ctx context.Context, note func(error)) (T, error)) (*sharedCall[T], bool) {
	s.mu.Lock()
	k, ok := s.calls[key]
	if !ok {
		k = s.start(key, begin) //nolint:contextcheck // the call is nobody's own
	}
	k.waiting++
	s.mu.Unlock()

	select {
	case <-k.done:
		return k, true
	default:
	}
	select {
	case <-k.done:
		return k, true
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.waiting--
	if k.waiting == 0 {
		k.cancel()
		s.forget(key, k)
	}
	return &sharedCall[T]{last: k.last}, false
}

// start begins a call; s.mu is held.
func (s *shared[T]) start(key string, begin func(context.Context, func(error)) (T, error)) *sharedCall[T] {
	own, cancel := context.WithTimeout(s.own, sharedBound)
	k := &sharedCall[T]{cancel: cancel, done: make(chan struct{})}
	if s.calls == nil {
		s.calls = map[string]*sharedCall[T]{}
	}
	s.calls[key] = k
	note := func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		k.last = err
	}
	go func() {
		defer cancel()
		k.value, k.err = begin(own, note)
		k.cut = k.err != nil && errors.Is(own.Err(), context.DeadlineExceeded)
		s.mu.Lock()
		s.forget(key, k)
		s.mu.Unlock()
		close(k.done)
	}()
	return k
}

func (s *shared[T]) forget(key string, k *sharedCall[T]) {
	if s.calls[key] == k {
		delete(s.calls, key)
	}
}
