"""What a draft would change, at once: some stored profiles decided by it and by the version in force.

A first few say how many more there is time for; a simulation as a job answers for all.
"""

from time import perf_counter
from typing import Any

from service.console.editing.checking import check
from service.console.editing.desk import Desk, frame, open_desk
from service.console.editing.names import titled
from service.console.page import Reaction, Shown, Visit
from service.operations.authoring.simulate import Sample, Simulation, simulate_stored

FIRST, MOST = 60, 500
LONGEST = 0.3
"""How long the second look may take, in seconds."""
MOST_SHOWN = 6


def show_impact(visit: Visit) -> Reaction:
    """Who gains and loses what; of one tag, tier or the lifecycle if `of` names it."""
    desk = open_desk(visit)
    values = {**frame(visit, desk), "impact": impact_of(visit, desk)}
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
    size = min(MOST, int(LONGEST * FIRST / max(perf_counter() - began, LONGEST * FIRST / MOST)))
    if found["of"] > FIRST and size > FIRST:
        found = simulate_stored(visit.service, simulation, Sample(size))
    return _told(found, desk, visit.query.get("of", ""), visit.language) if found["of"] else {"state": "nobody"}


def _told(found: dict[str, Any], desk: Desk, of: str, language: str) -> dict[str, Any]:
    moved, titles = found["moved"], dict(titled(desk.document, "stages", desk.t))
    tags = [{**one, "title": one["title"][language]} for one in found["tags"] if one["gained"] or one["lost"]]
    tags.sort(key=lambda one: -(one["gained"] + one["lost"]))
    flows = [one for one in found["stages"] if one["from"] != one["to"]]
    named = [one for one in found["examples"] if not of.startswith("tag/") or of == f"tag/{one['key']}"]
    return {
        "state": "found",
        "of_all": found["of"],
        "simulated": found["simulated"],
        "is_sample": found["simulated"] < found["of"],
        "moved": moved["profiles"],
        "share": moved["share"] or 0,
        "low": moved["low"],
        "high": moved["high"],
        "here": next((one for one in found["tags"] if of == f"tag/{one['key']}"), None),
        "tags": tags[:MOST_SHOWN],
        "stages": [(titles.get(one["from"], "-"), titles.get(one["to"], "-"), one["profiles"]) for one in flows][
            :MOST_SHOWN
        ],
        "examples": [one["sentence"][language] for one in named[:MOST_SHOWN]],
    }
