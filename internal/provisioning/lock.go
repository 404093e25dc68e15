package provisioning

import (
	"context"
	"sync"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// object identifies one object at one place, for everything that a process keeps by object.
type object struct {
	kind  string
	place string
	key   osac.Key
}

// locks let one operation at a time work on an object. The others wait in a queue.
type locks struct {
	mutex sync.Mutex
	held  map[object][]chan struct{}
}

func newLocks() *locks { return &locks{held: map[object][]chan struct{}{}} }

// lock waits for its turn, and returns the function that releases the object. It returns the cause if ctx ends first.
func (l *locks) lock(ctx context.Context, of object) (func(), error) {
	l.mutex.Lock()
	turn := make(chan struct{})
	queue, held := l.held[of]
	if !held {
		l.held[of] = nil
		l.mutex.Unlock()
		return func() { l.pass(of) }, nil
	}
	l.held[of] = append(queue, turn)
	l.mutex.Unlock()
	select {
	case <-turn:
		return func() { l.pass(of) }, nil
	case <-ctx.Done():
		l.leave(of, turn)
		return nil, context.Cause(ctx)
	}
}

// pass passes the object to the next in the queue.
func (l *locks) pass(of object) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	queue := l.held[of]
	if len(queue) == 0 {
		delete(l.held, of)
		return
	}
	l.held[of] = queue[1:]
	close(queue[0])
}

// leave removes a turn from the queue, or passes it on if it has come at the same moment.
func (l *locks) leave(of object, turn chan struct{}) {
	l.mutex.Lock()
	for i, other := range l.held[of] {
		if other == turn {
			l.held[of] = append(l.held[of][:i:i], l.held[of][i+1:]...)
			l.mutex.Unlock()
			return
		}
	}
	l.mutex.Unlock()
	l.pass(of)
}
