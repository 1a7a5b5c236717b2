"""The command `simulate`: what a ruleset file would change, for the stored profiles or for those of a file."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import UTC
from decimal import Decimal, InvalidOperation
from os import cpu_count
from pathlib import Path
from typing import Any

from service.bootstrap import now
from service.cli.operating import opened_service
from service.cli.printing import FINDINGS, WELL, say, say_json
from service.config import read_config
from service.engine.decide import Remembered
from service.errors import Fault, InvalidRequest
from service.language.document import read_document
from service.language.instants import read_instant
from service.language.program import Program
from service.operations.authoring.impact import Impact
from service.operations.authoring.simulate import MOST_PROCESSES, Sample, Simulation, read_program, simulate_stored
from service.operations.authoring.trial import try_profile
from service.operations.decide import remembered
from service.operations.programs import ready
from service.operations.requests import PROFILE
from service.operations.service import Service
from service.operations.shapes import faults

MOST_SHOWN = 10
"""How many named profiles, and how many kinds of move of a tier, are shown to people."""
Before = Callable[[str], Remembered | None]


def add_command(add: Callable[[str, str, Callable[[Namespace], int]], ArgumentParser]) -> None:
    """Add the command of this file."""
    one = add("simulate", "say whom a ruleset file would move; 1 if more than allowed", run)
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--against", metavar="KEY|FILE", help="what it is compared with; the version in force if left out")
    one.add_argument(
        "--profiles", metavar="FILE", help="profiles to decide, one JSON object a line; the stored ones else"
    )
    one.add_argument("--sample", type=int, metavar="N", help="only so many of the stored profiles, drawn by chance")
    one.add_argument("--seed", type=int, default=0, metavar="N", help="draws others")
    one.add_argument("--at", metavar="INSTANT", help="the instant to decide for; now if left out")
    one.add_argument(
        "--max-moved-share",
        type=_share,
        metavar="X",
        help="how many may move, 0 to 1; the ruleset's own word if left out",
    )


def run(options: Namespace) -> int:
    """Simulate; findings if more profiles move than may, or could not be decided."""
    text = options.file.read_text("utf-8")
    draft = read_program(text)
    at = now() if options.at is None else _instant(options.at)
    if options.against is not None and Path(options.against).is_file():
        found = _file_to_file(options, draft, text, at)
    else:
        with opened_service(read_config()) as service:
            found = _stored(service, options, draft, text, at)
    limit = options.max_moved_share if options.max_moved_share is not None else draft.ruleset.max_moved_share
    is_above = limit is not None and found["of"] > 0 and Decimal(str(found["moved"]["high"])) > Decimal(str(limit))
    if options.json:
        say_json({**found, "limit": limit, "above": is_above})
    else:
        _say(found, limit, options.language, is_above=is_above)
    return FINDINGS if is_above or found["failed"] else WELL


def _file_to_file(options: Namespace, draft: Program, text: str, at: int) -> dict[str, Any]:
    """Two files over the profiles of a third, each as if it were seen for the first time; no database is opened."""
    if options.profiles is None:
        raise _unusable("--profiles", "expected a file of profiles, since a file has none stored")
    active = ready(read_program(Path(options.against).read_text("utf-8")), 0)
    simulation = Simulation(active=active, draft=draft, text=text, at=at)
    return _listed(simulation, options.profiles, lambda _: None)


def _stored(service: Service, options: Namespace, draft: Program, text: str, at: int) -> dict[str, Any]:
    active = service.programs.latest(options.against or draft.key)
    simulation = Simulation(active=active, draft=draft, text=text, at=at)
    if options.profiles is not None:

        def before(profile_id: str) -> Remembered | None:
            row = service.store.read(lambda reads: reads.profile(active.key, profile_id))
            return None if row is None else remembered(service.programs, row)

        return _listed(simulation, options.profiles, before)
    sample = None if options.sample is None else Sample(options.sample, options.seed)
    return simulate_stored(service, simulation, sample, _progress, min(cpu_count() or 1, MOST_PROCESSES))


def _listed(simulation: Simulation, path: str, before: Before) -> dict[str, Any]:
    """The profiles of a file."""
    pair = simulation.pair
    impact = Impact(pair.active, pair.draft)
    count = 0
    for one in _profiles(path):
        count += 1
        try_profile(impact, pair, one["id"], before(one["id"]), one.get("attributes"))
    return simulation.report(impact, count)


def _profiles(path: str) -> Iterator[dict[str, Any]]:
    """The profiles of a file, line by line; `-` is standard input."""
    with sys.stdin if path == "-" else Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            value, refused = read_document(line)
            found = [one.message["en"] for one in refused] or [one.message for one in faults(PROFILE, value)]
            if found or not isinstance(value, dict):
                raise _unusable(f"{path}:{number}", found[0])
            yield value


def _say(found: dict[str, Any], limit: object, language: str, *, is_above: bool) -> None:
    """The share first, then what moves, then some who do."""
    moved = found["moved"]
    bounds = "" if found["sample"] is None else f" ({_percent(moved['low'])} to {_percent(moved['high'])} of all)"
    share = "nobody" if moved["share"] is None else f"{_percent(moved['share'])}{bounds}"
    say(f"moved     {moved['profiles']} of {found['simulated']}: {share}")
    if limit is not None:
        say(f"limit     {_percent(limit)}: {'ABOVE' if is_above else 'kept'}")
    for one in found["tags"]:
        if one["gained"] or one["lost"]:
            say(f"tag       {one['key']}: +{one['gained']} -{one['lost']}, kept by {one['kept']}")
    for name, flow in [
        *((f"tier      {one['key']}", one["flow"]) for one in found["tiers"]),
        ("stage    ", found["stages"]),
    ]:
        for step in [one for one in flow if one["from"] != one["to"]][:MOST_SHOWN]:
            say(f"{name}: {step['from'] or '-'} -> {step['to'] or '-'}: {step['profiles']}")
    for one in found["actions"]:
        if one["before"] or one["after"]:
            say(f"action    {one['key']}: {one['before']} before, {one['after']} after")
    for one in found["examples"][:MOST_SHOWN]:
        say(f"profile   {one['sentence'][language]}")
    for one in found["failures"][:MOST_SHOWN]:
        say(f"failed    {one['profile_id']}: {one['message']}")


def _progress(done: int, total: int | None) -> None:
    """One line that is written over, for people who watch."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total}{'' if done != total else chr(10)}")
        sys.stderr.flush()


def _percent(share: Any) -> str:
    return f"{100 * Decimal(str(share)):.2f}".rstrip("0").rstrip(".") + " %"


def _share(text: str) -> Decimal:
    try:
        share = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def _instant(text: str) -> int:
    try:
        return read_instant(text, UTC)
    except ValueError:
        raise _unusable("--at", "expected an instant such as `2026-11-21T09:00:00Z`") from None


def _unusable(place: str, message: str) -> InvalidRequest:
    return InvalidRequest("the command can't be used", [Fault(f"/{place}", "wrong-value", message)])
