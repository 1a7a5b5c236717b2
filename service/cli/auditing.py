"""The commands `replay` and `report`: what is asked of the log, on the command line."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from service.api.paging import table
from service.bootstrap import COMMAND_LINE
from service.cli.operating import opened_service
from service.cli.printing import FINDINGS, WELL, say, say_json
from service.config import read_config
from service.operations.auditing.replay import replay_evaluation
from service.operations.auditing.replay_period import replay_and_record
from service.operations.auditing.reports.question import KINDS, STEPS
from service.operations.auditing.reports.report import flat_rows, make_report

Add = Callable[[str, str, Callable[[Namespace], int]], ArgumentParser]
TOLD_EVERY = 100
QUERY = (
    "ruleset",
    "from",
    "to",
    "step",
    "by",
    "group",
    "tag",
    "tier",
    "average",
    "quantiles",
    "entered",
    "reached",
    "within",
)
"""What a report is asked with."""


def add_commands(add: Add) -> None:
    """Say what each command takes."""
    one = add("replay", "decide recorded evaluations again, and compare", replay)
    one.add_argument("id", nargs="?", metavar="ID", help="one evaluation; without it all of a period")
    one.add_argument("--from", dest="begin", metavar="INSTANT", help="recorded at this instant or later")
    one.add_argument("--to", dest="end", metavar="INSTANT", help="recorded before this instant")
    one.add_argument("--ruleset", metavar="KEY", help="of one ruleset only")
    one.add_argument("--version", type=int, metavar="N", help="by this version instead of the one that decided")
    one.add_argument("--at", metavar="INSTANT", help="with ID: for this instant instead")

    one = add("report", "figures from the log, as CSV or with --json as JSON", report)
    one.add_argument("report", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    one.add_argument("--ruleset", required=True, metavar="KEY")
    one.add_argument("--from", metavar="INSTANT", help="where the time asked about begins")
    one.add_argument("--to", metavar="INSTANT", help="where it ends; now if left out")
    one.add_argument("--step", choices=STEPS, help="a figure for each")
    one.add_argument("--by", metavar="KEY", help="a tag group, a tier or a tag to tell profiles apart by")
    for name in ("group", "tag", "tier"):
        one.add_argument(f"--{name}", metavar="KEY", help=f"only this {name}")
    for name in ("average", "quantiles"):
        one.add_argument(f"--{name}", metavar="NAME", help="of a score (score.KEY) or an attribute")
    for name in ("entered", "reached"):
        one.add_argument(f"--{name}", metavar="THING", help="such as stage:active, tag:vip or tier:band:seed")
    one.add_argument("--within", metavar="DURATION", help="such as P30D")


def replay(options: Namespace) -> int:
    """Decide again; findings if anything differs."""
    with opened_service(read_config()) as service:
        if options.id is not None:
            wish = _given({"version": options.version, "at": options.at})
            found = replay_evaluation(service, options.id, wish)
            say_json(found) if options.json else _say_one(found, options.language)
            return FINDINGS if found["result"] == "different" else WELL
        wish = _given(
            {"ruleset": options.ruleset, "version": options.version, "from": options.begin, "to": options.end}
        )
        language = options.language
        done = replay_and_record(
            service, wish, COMMAND_LINE, _progress, lambda one: None if options.json else _say_one(one, language)
        )
    if options.json:
        say_json(done.to_json())
    else:
        skipped = sum(done.not_replayable.values())
        say(f"{done.checked} evaluations: {done.equal} equal, {done.different} different, {skipped} not replayable")
        for engine, count in sorted(done.engines.items()):
            say(f"{count} by {engine}")
    return FINDINGS if done.different else WELL


def report(options: Namespace) -> int:
    """Make a report, however long it takes."""
    query = _given({name: getattr(options, name) for name in QUERY})
    with opened_service(read_config()) as service:
        made = make_report(service, options.report, query, _progress)
    if options.json:
        say_json(made)
    else:
        sys.stdout.write(table(*flat_rows(options.report, made)).decode().replace("\r\n", "\n"))
    return WELL


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _say_one(found: dict[str, Any], language: str) -> None:
    """One evaluation in a line, and one for each difference."""
    reason = f" ({found['reason'][language]})" if found["reason"] else ""
    say(f"{found['evaluation_id']} {found['result']}{reason}")
    for one in found["differences"]:
        say(f"  {one['kind']} {one['key']}: {_short(one['before'])} -> {_short(one['after'])}")


def _short(value: object) -> str:
    """A decision's outcome and target, or any other value."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "outcome" in value[0]:
        return ", ".join(f"{one['outcome']} {one['to'] or '-'}" for one in value)
    return str(value)


def _progress(done: int) -> None:
    """One line that is written over, for people who watch."""
    if done % TOLD_EVERY == 0 and sys.stderr.isatty():
        sys.stderr.write(f"\r{done} looked at")
        sys.stderr.flush()
