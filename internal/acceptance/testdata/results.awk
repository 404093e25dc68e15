# Counts the results in what go test -json has written, and the reasons of the tests that were skipped. A test that has
# others within it is none of its own.

function field(name,    at) {
	if (!match($0, "\"" name "\":\"([^\"\\\\]|\\\\.)*\"")) return ""
	at = length(name) + 4
	return substr($0, RSTART + at, RLENGTH - at - 1)
}

{
	test = field("Test")
	if (test == "") next
	action = field("Action")
}

action == "output" {
	said = field("Output")
	if (sub(/^ *[A-Za-z0-9_]+_test\.go:[0-9]+: /, "", said) && sub(/\\n$/, "", said)) {
		gsub(/\\"/, "\"", said)
		why[test] = said
	}
}

action == "pass" || action == "fail" || action == "skip" {
	result[test] = action
	for (outer = test; sub(/\/[^\/]*$/, "", outer); ) holds[outer] = 1
}

END {
	for (test in result) {
		if (test in holds) continue
		count[result[test]]++
		if (result[test] == "skip") reasons[why[test]]++
		if (result[test] == "fail") failed = failed "\n  " test
	}
	printf "passed %d, failed %d, skipped %d\n", count["pass"], count["fail"], count["skip"]
	if (failed != "") print "\nfailed:" failed
	if (count["skip"] > 0) print "\nskipped, and why:"
	for (reason in reasons) printf "%5d  %s\n", reasons[reason], reason | "sort -rn"
	close("sort -rn")
}
