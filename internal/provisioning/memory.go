package provisioning

import "sync"

// memory is one process's memory of its instances. Terraform starts a process for each phase of a command, so it spans
// one apply or one destroy. That is long enough to keep create_before_destroy with an unchanged name from deleting the
// new machine, and a replacement from adopting the deleted one.
type memory struct {
	mutex     sync.Mutex
	instances map[object]*trace
}

type trace struct {
	made bool
	// deletedBy is the id of this process's own delete job; no job up to it describes the instance any more.
	deletedBy int64
	// taken is the refusal of a machine on which a refresh has found another life's job; nil if there is none.
	taken *Error
}

func newMemory() *memory { return &memory{instances: map[object]*trace{}} }

func (m *memory) of(at object) *trace {
	if m.instances[at] == nil {
		m.instances[at] = &trace{}
	}
	return m.instances[at]
}

// claim notes that this process makes the instance. It returns false if this process has made it before.
func (m *memory) claim(at object) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known := m.of(at)
	if known.made {
		return false
	}
	known.made = true
	return true
}

// release removes a claim: nothing was made after all.
func (m *memory) release(at object) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.of(at).made = false
}

// madeHere reports whether this process has made the instance.
func (m *memory) madeHere(at object) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.of(at).made
}

// deleted notes this process's own delete job.
func (m *memory) deleted(at object, jobID int64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known := m.of(at)
	known.deletedBy = max(known.deletedBy, jobID)
}

// deletedBy returns the id of this process's own delete job of the instance; zero means none.
func (m *memory) deletedBy(at object) int64 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.of(at).deletedBy
}

// taken notes that another life's job has run on the machine of a state.
func (m *memory) taken(at object, refusal *Error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.of(at).taken = refusal
}

// takenBy returns the refusal of a machine that was taken; nil if none was.
func (m *memory) takenBy(at object) *Error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.of(at).taken
}
