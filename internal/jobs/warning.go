package jobs

// Warning is a message to the user while the operation goes on.
type Warning struct {
	Summary string
	Detail  string
}
