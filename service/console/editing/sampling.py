"""What a draft would change, at once: some stored profiles decided by it and by the version in force.

A first few say how long more would take; where all of it would take too long, a simulation as a job answers.
"""

from time import perf_counter
from typing import Any

from service.console.editing.checking import check
from service.console.editing.desk import Desk, frame, open_desk
from service.console.page import Reaction, Shown, Visit
from service.operations.authoring.simulate import Sample, Simulation, simulate_stored

FIRST, MOST = 60, 500
LONGEST = 0.3
"""How long the whole may take, in seconds."""
MOST_SHOWN = 6


def show_impact(visit: Visit) -> Reaction:
    """Who gains and loses what; of one tag, tier or the lifecycle if `of` names it."""
    desk = open_desk(visit)
    kind, _, key = visit.query.get("of", "").partition("/")
    values = {**frame(visit, desk), "impact": impact_of(visit, desk), "of": (kind, key)}
    return Shown("edit_impact_part.html" if visit.is_fragment else "edit_impact.html", values)


def impact_of(visit: Visit, desk: Desk) -> dict[str, Any]:
    """What was found, for people; `state` says why nothing was: `new`, `same`, `errors`, `nobody`."""
    if desk.active is None or desk.draft is None:
        return {"state": "new" if desk.active is None else "same"}
    draft = check(desk.text).reading.program
    if draft is None:
        return {"state": "errors"}
    if draft.digest == desk.active.digest:
        return {"state": "same"}
    simulation = Simulation(active=desk.active, draft=draft, text=desk.text, at=visit.service.clock())
    began = perf_counter()
    found = simulate_stored(visit.service, simulation, Sample(FIRST))
    if found["of"] > FIRST and (perf_counter() - began) / FIRST * MOST < LONGEST:
        found = simulate_stored(visit.service, simulation, Sample(MOST))
    return _told(found, visit.language) if found["of"] else {"state": "nobody"}


def _told(found: dict[str, Any], language: str) -> dict[str, Any]:
    moved = found["moved"]
    tags = [one for one in found["tags"] if one["gained"] or one["lost"]]
    tags.sort(key=lambda one: -(one["gained"] + one["lost"]))
    examples = [one for one in found["examples"]]
    return {
        "state": "found",
        "of": found["of"],
        "simulated": found["simulated"],
        "is_sample": found["simulated"] < found["of"],
        "moved": moved["profiles"],
        "share": moved["share"],
        "low": moved["low"],
        "high": moved["high"],
        "tags": [{**one, "title": one["title"][language]} for one in tags],
        "stages": [one for one in found["stages"] if one["from"] != one["to"]][:MOST_SHOWN],
        "examples": [(one["kind"], one["key"], one["sentence"][language], one["profile_id"]) for one in examples],
    }
