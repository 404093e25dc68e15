package eda

// payloadMemory keeps the payloads of failed rules that were read, since they don't change: many runs that fail
// together each search all of them. One search at a time uses it. When it is full, it starts anew.
type payloadMemory struct {
	known map[auditKey]string
	bytes int
}

// auditKey identifies a firing, also after an EDA server's database was set up anew.
type auditKey struct {
	id      int64
	firedAt int64
}

const maxPayloadMemory = 16 << 20

func keyOf(rule auditRule) auditKey { return auditKey{rule.id, rule.firedAt.UnixNano()} }

func (m *payloadMemory) get(rule auditRule) (string, bool) {
	payloads, known := m.known[keyOf(rule)]
	return payloads, known
}

func (m *payloadMemory) put(rule auditRule, payloads string) {
	if m.known == nil || m.bytes+len(payloads) > maxPayloadMemory {
		m.known, m.bytes = map[auditKey]string{}, 0
	}
	m.known[keyOf(rule)] = payloads
	m.bytes += len(payloads)
}
