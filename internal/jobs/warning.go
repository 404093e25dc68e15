package jobs

// Warning is something that the user should know although the operation goes on.
type Warning struct {
	Summary string
	Detail  string
}
