"""The command `sweep`: what the background sweeper does, once, up to an instant that may be chosen."""

import sys
from argparse import Namespace
from datetime import UTC
from time import monotonic

from service.bootstrap import COMMAND_LINE
from service.cli.operating import opened_service
from service.cli.printing import FINDINGS, WELL, say, say_json
from service.config import read_config
from service.errors import Fault, InvalidRequest
from service.language.instants import read_instant, write_instant
from service.operations.sweep import MOST_COUNTED, Due, Sweep, Swept, read_due, sweep


def run(options: Namespace) -> int:
    """Decide whatever is due; findings if there were profiles that can't be decided."""
    with opened_service(read_config()) as service:
        until = service.clock() if options.until is None else _instant(options.until)
        due = read_due(service, until)
        started = monotonic()
        done = sweep(
            service,
            Sweep(until=until, ruleset=options.ruleset, limit=options.limit, caller=COMMAND_LINE),
            on_progress=lambda so_far: _progress(so_far, due),
            on_failed=_failed,
        )
    seconds = monotonic() - started
    if options.json:
        counts = {name: getattr(done, name) for name in ("profiles", "evaluations", "changes", "failed")}
        say_json({"until": write_instant(until), "due": due.profiles, **counts, "seconds": round(seconds, 3)})
    else:
        say(
            f"{done.profiles} profiles decided up to {write_instant(until)}: {done.evaluations} evaluations, "
            f"{done.changes} changes, {done.failed} failed, {seconds:.1f} s"
        )
    return FINDINGS if done.failed else WELL


def _instant(text: str) -> int:
    try:
        return read_instant(text, UTC)
    except ValueError:
        fault = Fault("/--until", "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`")
        raise InvalidRequest("the command can't be used", [fault]) from None


def _progress(done: Swept, due: Due) -> None:
    """One line that is written over, for people who watch."""
    if sys.stderr.isatty():
        more = "or more " if due.profiles == MOST_COUNTED else ""
        sys.stderr.write(f"\r{done.profiles} decided, {due.profiles} {more}were due")
        sys.stderr.flush()


def _failed(ruleset: str, profile: str, error: Exception) -> None:
    sys.stderr.write(f"{profile} under {ruleset} can't be decided: {type(error).__name__} {error}\n")
