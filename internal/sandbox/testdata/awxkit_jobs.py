"""What awxkit's library does with jobs and its command `awx` does not: cancel, relaunch, wait by itself.

Run by awxkit_test.go: awxkit_jobs.py URL (token TOKEN | basic NAME PASSWORD). Prints one JSON object.
"""

import json
import sys

from awxkit import api, config, exceptions

config.base_url, way = sys.argv[1], sys.argv[2]
config.client_connection_attempts = 1
root = api.Api()
if way == "token":
    root.connection.login(token=sys.argv[3])
else:
    root.connection.login(sys.argv[3], sys.argv[4])  # basic auth: a session would need next=
v2 = root.get().available_versions.v2.get()
payload = {"extra_vars": {"osac_job_vars": {"resource": {"metadata": {"namespace": "ns", "name": "vm"}}}}}
report = {"me": v2.me.get().results[0].username}


def template(kind, name):
    return getattr(v2, kind).get(name=name).results[0]


for kind, name in (("job_templates", "slow"), ("workflow_job_templates", "slow workflow")):
    job = template(kind, name).launch(payload)
    seen = {"launched": job.id, "first": job.status}
    job.wait_until_status("running", interval=0.1, timeout=20)
    try:
        job.delete()
    except exceptions.Forbidden as e:
        seen["delete of a running one"] = e.msg["detail"]
    job.cancel()
    job.wait_until_completed(interval=0.1, timeout=20)
    seen["canceled"] = job.status
    job.cancel()  # does nothing: can_cancel is false
    try:
        job.related.cancel.post()
    except exceptions.MethodNotAllowed as e:
        seen["cancel of a canceled one"] = e.msg["detail"]
    again = job.relaunch()
    seen["relaunched"] = [again.id, again.launch_type]
    again.get().cancel().wait_until_completed(interval=0.1, timeout=20)
    again.delete()
    try:
        again.get()
    except exceptions.NotFound as e:
        seen["deleted"] = e.msg["detail"]
    report[kind] = seen

job = template("job_templates", "osac-create-compute-instance").launch(payload)
job.wait_until_completed(interval=0.1, timeout=20).assert_successful()
job.assert_text_in_stdout("PLAY RECAP")
report["artifacts"] = job.artifacts
report["events"] = sorted({e.event for e in job.related.job_events.get().results})
failed = template("job_templates", "failing").launch(payload).wait_until_completed(interval=0.1, timeout=20)
try:
    failed.assert_successful()
except AssertionError as e:
    report["failed"] = "no quota" in str(e)
workflow = template("workflow_job_templates", "workflow").launch(payload).wait_until_completed(interval=0.1, timeout=20)
workflow.assert_successful()
report["nodes"] = [n.summary_fields.job.status for n in workflow.related.workflow_nodes.get().results]
report["jobs"] = [j.status for j in v2.jobs.get(status="successful", order_by="-id", all_pages=True).results]
print(json.dumps(report))
