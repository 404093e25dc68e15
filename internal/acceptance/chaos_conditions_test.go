package acceptance

import "time"

// drawConditions draws what the walk's controller is like: its clock, the size of its pages, whether it keeps an activity
// stream.
func (w *walk) drawConditions() {
	c := w.site.simulated.Conditions()
	if w.maybe(3) {
		c.ClockSkew = w.between(time.Minute, 90*time.Minute)
		if w.maybe(2) {
			c.ClockSkew = -c.ClockSkew
		}
	}
	if w.maybe(3) {
		c.PageCap = 1 + w.random.IntN(10)
	}
	c.ActivityStreamOff = w.maybe(5)
	w.tell("clock %s ahead, at most %d rows a page, activity stream off: %v", c.ClockSkew, c.PageCap, c.ActivityStreamOff)
	w.site.simulated.SetConditions(c)
}

// setLag has GETs answered by a replica that is so far behind.
func (w *walk) setLag(lag time.Duration) {
	c := w.site.simulated.Conditions()
	if c.ReplicaLag == lag {
		return
	}
	w.tell(" replicas lag by %s", lag)
	c.ReplicaLag = lag
	w.site.simulated.SetConditions(c)
	w.lag = max(w.lag, lag)
}
