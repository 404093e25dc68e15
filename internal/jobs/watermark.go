package jobs

import (
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Watermark names the newest job of a hub at the last lookup of an instance's jobs: every job up to it is on record, or
// is another instance's. It has the job's creation time in addition to the id, since a restored database assigns ids
// anew. The zero value is no watermark.
type Watermark struct {
	JobID   int64
	Created time.Time
}

// String writes the watermark for ParseWatermark; empty for the zero value.
func (w Watermark) String() string {
	if w == (Watermark{}) {
		return ""
	}
	return strconv.FormatInt(w.JobID, 10) + "@" + w.Created.UTC().Format(time.RFC3339Nano)
}

// ParseWatermark reads String's text. Any other text means no watermark, which only costs requests.
func ParseWatermark(text string) Watermark {
	id, created, _ := strings.Cut(text, "@")
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil || number <= 0 {
		return Watermark{}
	}
	moment, err := time.Parse(time.RFC3339Nano, created)
	if err != nil || !osac.Writable(moment) {
		return Watermark{}
	}
	return Watermark{JobID: number, Created: moment.UTC()}
}

// Since returns the watermark in a lookup's form: none, if it is zero.
func (w Watermark) Since() []Watermark {
	if w == (Watermark{}) {
		return nil
	}
	return []Watermark{w}
}

// Watermarks are the jobs from which on a lookup must see all jobs, the best first: that of the last lookup, and the
// newest job on record, before which that lookup had seen everything.
func (r *Record) Watermarks() []Watermark {
	all := r.Seen.Since()
	if r.LastJob != nil && r.LastJob.Number() > 0 && r.LastJob.State != JobPurged {
		all = append(all, Watermark{JobID: r.LastJob.Number(), Created: r.LastJob.CreatedAt})
	}
	return all
}

func watermarkOf(job Run) Watermark {
	return Watermark{JobID: job.ID, Created: job.Created.UTC().Truncate(time.Microsecond)}
}
