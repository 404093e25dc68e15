"""Write what ansible-playbook does as the events that AWX's jobs have.

AWX gets them from a stdout callback of ansible-runner, awx_display. This one is of the same kind: it prints what the
default callback prints, but as part of an event. Events are a JSON text sequence (RFC 7464): a record separator, the
object, a line feed. Whatever else ansible-playbook prints stays between them as it is.
"""

from __future__ import annotations

DOCUMENTATION = """
name: job_events
type: stdout
short_description: The events of AWX's jobs as a JSON text sequence
description:
  - What the sandbox of terraform-provider-osac reads.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout in configuration
"""

import contextlib
import datetime
import json
import sys
import uuid

from ansible.plugins.callback.default import CallbackModule as Default
from ansible.utils.color import stringc


class Recorder:
    """Stands for Ansible's display: keeps what is shown, so that it can go into an event."""

    def __init__(self, display):
        self._real = display
        self.shown = []

    def __getattr__(self, name):
        return getattr(self._real, name)

    def display(self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, **_):
        if not log_only:
            self.shown.append((stringc(msg, color) if color else msg) + ("\n" if newline else ""))

    def banner(self, msg, color=None, cows=True):
        self.display("\n%s %s" % (msg, "*" * max(3, 79 - len(msg))), color=color)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(moment):
    return moment.isoformat(timespec="microseconds") if moment else None


def pattern_of(play):
    return ",".join(play.hosts) if isinstance(play.hosts, list) else str(play.hosts)


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "job_events"

    def __init__(self):
        super().__init__()
        self._display = Recorder(self._display)
        self._book = {"playbook": "", "playbook_uuid": str(uuid.uuid4())}
        self._where = {}
        self._begun = {}

    @contextlib.contextmanager
    def _event(self, event, parent, own=None, **data):
        # A copy: the default callback takes things out of a result before it shows it.
        record = json.loads(json.dumps({**self._book, **self._where, **data}, default=str))
        record["uuid"] = own or str(uuid.uuid4())
        self._display.shown = []
        try:
            yield
        finally:
            record = {"event": event, "parent_uuid": parent, "stdout": "".join(self._display.shown), "event_data": record}
            sys.stdout.write("\x1e" + json.dumps(record) + "\n")
            sys.stdout.flush()

    def _of_task(self, task):
        data = {
            "task": task.name or task.action,
            "task_uuid": str(task._uuid),
            "task_action": task.action,
            "resolved_action": getattr(task, "resolved_action", None) or task.action,
            "task_args": "",
            "task_path": task.get_path(),
        }
        if getattr(task, "_role", None):
            data["role"] = task._role.get_name()
        return data

    def _of_result(self, result, timed=True, **more):
        data = self._of_task(result._task)
        host = result._host.get_name()
        data.update(host=host, remote_addr=result._host.address, res=result._result)
        begun = self._begun.get((host, str(result._task._uuid)))
        if timed and begun:
            ended = now()
            data.update(start=stamp(begun), end=stamp(ended), duration=(ended - begun).total_seconds())
        data.update(more)
        return data

    def _result(self, event, result, **more):
        return self._event(event, str(result._task._uuid), **self._of_result(result, **more))

    def v2_playbook_on_start(self, playbook):
        self._book["playbook"] = playbook._file_name
        with self._event("playbook_on_start", "", own=self._book["playbook_uuid"]):
            super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play):
        name = play.get_name().strip() or pattern_of(play)
        self._where = {"play": name, "play_uuid": str(play._uuid), "play_pattern": pattern_of(play)}
        with self._event("playbook_on_play_start", self._book["playbook_uuid"], own=str(play._uuid),
                         name=name, pattern=pattern_of(play)):
            super().v2_playbook_on_play_start(play)

    def _task_event(self, task, is_conditional):
        return self._event("playbook_on_task_start", self._where.get("play_uuid", ""), own=str(task._uuid),
                           name=task.get_name(), is_conditional=is_conditional, **self._of_task(task))

    def v2_playbook_on_task_start(self, task, is_conditional):
        with self._task_event(task, is_conditional):
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task):
        with self._task_event(task, True):
            super().v2_playbook_on_handler_task_start(task)

    def v2_playbook_on_include(self, included_file):
        with self._event("playbook_on_include", self._where.get("play_uuid", ""), included_file=included_file._filename):
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_no_hosts_matched(self):
        with self._event("playbook_on_no_hosts_matched", self._where.get("play_uuid", "")):
            super().v2_playbook_on_no_hosts_matched()

    def v2_playbook_on_no_hosts_remaining(self):
        with self._event("playbook_on_no_hosts_remaining", self._where.get("play_uuid", "")):
            super().v2_playbook_on_no_hosts_remaining()

    def v2_playbook_on_stats(self, stats):
        self._where = {}
        names = ("changed", "dark", "failures", "ignored", "ok", "processed", "rescued", "skipped")
        counts = {name: dict(getattr(stats, name)) for name in names}
        with self._event("playbook_on_stats", self._book["playbook_uuid"], **counts,
                         artifact_data=stats.custom.get("_run", {})):
            super().v2_playbook_on_stats(stats)

    def v2_runner_on_start(self, host, task):
        self._begun[(host.get_name(), str(task._uuid))] = now()
        with self._event("runner_on_start", str(task._uuid), **self._of_task(task), host=host.get_name()):
            super().v2_runner_on_start(host, task)

    def v2_runner_on_ok(self, result):
        if result._task.action.endswith(("setup", "gather_facts")):
            result._result.get("ansible_facts", {}).pop("ansible_env", None)  # as in AWX: it may hold secrets
        with self._result("runner_on_ok", result, event_loop=result._task.loop_with):
            super().v2_runner_on_ok(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        with self._result("runner_on_failed", result, ignore_errors=ignore_errors or None, event_loop=result._task.loop_with):
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_skipped(self, result):
        data = self._of_result(result, event_loop=result._task.loop_with)
        del data["res"]  # as in AWX
        with self._event("runner_on_skipped", str(result._task._uuid), **data):
            super().v2_runner_on_skipped(result)

    def v2_runner_on_unreachable(self, result):
        with self._result("runner_on_unreachable", result):
            super().v2_runner_on_unreachable(result)

    def v2_runner_item_on_ok(self, result):
        with self._result("runner_item_on_ok", result, timed=False):
            super().v2_runner_item_on_ok(result)

    def v2_runner_item_on_failed(self, result):
        with self._result("runner_item_on_failed", result, timed=False):
            super().v2_runner_item_on_failed(result)

    def v2_runner_item_on_skipped(self, result):
        with self._result("runner_item_on_skipped", result, timed=False):
            super().v2_runner_item_on_skipped(result)

    def v2_runner_retry(self, result):
        with self._result("runner_retry", result, timed=False):
            super().v2_runner_retry(result)
