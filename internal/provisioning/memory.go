package provisioning

import "sync"

// memory is what one process remembers of the instances that it has dealt with. Terraform starts a process for each
// phase of a command, so this spans one apply or one destroy: long enough to keep create_before_destroy with an
// unchanged name from deleting what was just made, and a replacement from adopting what was just deleted.
type memory struct {
	mutex     sync.Mutex
	instances map[remembered]*trace
}

type remembered struct {
	controllerUUID string
	key            Key
}

type trace struct {
	made bool
	// deletedBy is the id of this process's own delete job; nothing up to it describes the instance any more.
	deletedBy int64
}

func newMemory() *memory { return &memory{instances: map[remembered]*trace{}} }

func (m *memory) of(controllerUUID string, key Key) *trace {
	at := remembered{controllerUUID, key}
	if m.instances[at] == nil {
		m.instances[at] = &trace{}
	}
	return m.instances[at]
}

// claim notes that this process makes the instance, and reports false if it has done so before.
func (m *memory) claim(controllerUUID string, key Key) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known := m.of(controllerUUID, key)
	if known.made {
		return false
	}
	known.made = true
	return true
}

// release takes a claim back: nothing was made after all.
func (m *memory) release(controllerUUID string, key Key) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.of(controllerUUID, key).made = false
}

// madeHere tells whether this process has made the instance.
func (m *memory) madeHere(controllerUUID string, key Key) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.of(controllerUUID, key).made
}

// deleted notes this process's own delete job.
func (m *memory) deleted(controllerUUID string, key Key, jobID int64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known := m.of(controllerUUID, key)
	known.deletedBy = max(known.deletedBy, jobID)
}

// deletedBy returns the id of this process's own delete job of the instance; zero means none.
func (m *memory) deletedBy(controllerUUID string, key Key) int64 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.of(controllerUUID, key).deletedBy
}
