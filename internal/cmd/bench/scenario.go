package main

import (
	"fmt"
	"time"
)

// verb is what a scenario measures.
type verb string

const (
	applying   verb = "apply"
	planning   verb = "plan"
	destroying verb = "destroy"
	overloaded verb = "overload"
)

// place says where the instances' own jobs are among the others.
type place string

const (
	newest place = "newest"
	spread place = "spread"
	oldest place = "oldest"
)

// scenario is one thing to measure.
type scenario struct {
	name  string
	verb  verb
	count int
	// length is the jobs' duration, which varies by 15 %.
	length time.Duration
	// delay is added to every answer.
	delay time.Duration
	// others is the number of jobs of other instances on the controller, of the same two templates, and place says where
	// among them the instances' own jobs are.
	others int
	place  place
}

// scenarios are all scenarios. The first word of a name is the verb; the number of instances and further conditions
// follow.
func scenarios() []scenario {
	var all []scenario
	for _, count := range []int{1, 10, 50, 200} {
		for _, seconds := range []int{3, 20, 60} {
			one := scenario{verb: applying, count: count, length: time.Duration(seconds) * time.Second}
			one.name = fmt.Sprintf("apply/%d/%ds", count, seconds)
			all = append(all, one)
			known := one
			known.name, known.others = one.name+"/known", 3
			all = append(all, known)
		}
	}
	all = append(all, scenario{name: "overload/50/20s", verb: overloaded, count: 50, length: 20 * time.Second, delay: 5 * time.Second})
	for _, count := range []int{10, 100, 300, 1000} {
		all = append(all, plans(fmt.Sprintf("plan/%d", count), count, 0, newest)...)
	}
	for _, where := range []place{newest, spread, oldest} {
		all = append(all, plans("plan/1000-of-20000/"+string(where), 1000, 19000, where)...)
	}
	for _, count := range []int{10, 100, 300, 1000} {
		for _, where := range []place{newest, spread, oldest} {
			all = append(all, plans(fmt.Sprintf("plan/%d-of-100000/%s", count, where), count, 100000-count, where)...)
		}
	}
	for _, count := range []int{1, 10, 50, 200} {
		for _, seconds := range []int{3, 20, 60} {
			one := scenario{verb: destroying, count: count, length: time.Duration(seconds) * time.Second}
			one.name = fmt.Sprintf("destroy/%d/%ds", count, seconds)
			all = append(all, one)
			one.name, one.delay = one.name+"/50ms", 50*time.Millisecond
			all = append(all, one)
		}
	}
	return all
}

// plans are a plan's scenarios with and without a delay.
func plans(name string, count, others int, where place) []scenario {
	one := scenario{name: name, verb: planning, count: count, others: others, place: where}
	slow := one
	slow.name, slow.delay = name+"/50ms", 50*time.Millisecond
	return []scenario{one, slow}
}
