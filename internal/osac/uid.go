package osac

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A life is an object from its creation to its deletion. Its uid is made before the first launch and sent in every
// payload of that life, so that the jobs of two machines of one name can be distinguished.

// NewUID returns the uid of a life that begins at a moment by this machine's clock: a UUIDv7, which contains the
// moment. (The library's own UUIDv7 never goes back, so a clock that was once ahead would stay ahead.)
func NewUID(moment time.Time) string {
	id := uuid.New()
	milliseconds := binary.BigEndian.AppendUint64(nil, uint64(max(0, moment.UnixMilli())))
	copy(id[:6], milliseconds[2:])
	id[6] = id[6]&0x0f | 0x70
	return id.String()
}

// lifeSpace is the name space of derived uids.
var lifeSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://registry.terraform.io/providers/osac-project/osac"))

// DerivedUID returns the uid of a life that began without one: an older release, the operator or a person made it. It
// is a UUIDv5 of the life's names, so that it is the same after any crash.
func DerivedUID(controllerUUID, kind string, key Key, jobID string) string {
	return uuid.NewSHA1(lifeSpace, fmt.Appendf(nil, "%s\n%s\n%s\n%s", controllerUUID, kind, key, jobID)).String()
}

// BornAt returns the moment when a life began, by this machine's clock, and reports whether its uid contains that
// moment.
func BornAt(uid string) (time.Time, bool) {
	id, err := uuid.Parse(uid)
	if err != nil || id.Version() != 7 {
		return time.Time{}, false
	}
	seconds, nanoseconds := id.Time().UnixTime()
	return time.Unix(seconds, nanoseconds), true
}

// UIDIn returns the text of a job's uid, or an empty text if it is not a uid: other makers may write anything.
func UIDIn(text string) string {
	if _, err := uuid.Parse(text); err != nil {
		return ""
	}
	return text
}
