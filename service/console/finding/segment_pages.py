"""The page "Profiles": one found by its id, or all that fit a question, page by page or as a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from service.console.naming import Names, number
from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.console.sheets import sheet
from service.console.texts import speaker
from service.errors import InvalidRequest, NotFound
from service.operations.segments import list_profiles, read_segment, segment_columns, stream_segment

HERE = "/console/profiles"
ON_A_PAGE = 25
MOST_CHOSEN = 50
COLUMNS = ("profile_id", "version", "at", "stage", "tags", "next_change_at")
"""The first columns of the file, as those of the API."""


def profile_path(profile_id: str) -> str:
    """Where a profile's page is."""
    return f"{HERE}/{quote(profile_id, safe='')}"


def show_profiles(visit: Visit) -> Reaction:
    """The form, and what fits it."""
    found_id = visit.query.get("id", "").strip()
    if found_id:
        return Moved(profile_path(found_id))
    keys = [row.key for row in visit.service.store.read(lambda reads: reads.rulesets())]
    asked = visit.query.get("ruleset", "")
    key = asked if asked in keys else next(iter(keys), "")
    if not key:
        return Shown("profiles.html", {"rulesets": [], "names": None, "wrong": {}})
    query = _query(visit, key)
    if visit.query.get("format") == "csv":
        return _file(visit, query)
    return _page(visit, keys, query)


def _query(visit: Visit, key: str) -> dict[str, Any]:
    """What was chosen, as the operation asks for it."""
    lists = {
        name: [one for one in visit.lists(name) if one][:MOST_CHOSEN] for name in ("stage", "tag", "not_tag", "tier")
    }
    return {"ruleset": key, **{name: those for name, those in lists.items() if those}}


def _page(visit: Visit, keys: Sequence[str], query: Mapping[str, Any]) -> Shown:
    t, service = speaker(visit.language), visit.service
    program = service.programs.latest(query["ruleset"]).program
    names = Names(program, t)
    rows: list[dict[str, Any]] = []
    following, wrong = None, ""
    try:
        segment = read_segment(service, query)
        rows, following = list_profiles(service, segment, visit.query.get("cursor"), ON_A_PAGE)
    except InvalidRequest as refused:
        wrong = "; ".join(one.message for one in refused.errors)
    chosen = urlencode(query, doseq=True)
    values = {
        "rulesets": [(key, t.text(service.programs.latest(key).program.ruleset.title, key)) for key in keys],
        "query": query,
        "names": names,
        "stages": [(key, names.of("stage", key)) for key in (program.lifecycle.leaving if program.lifecycle else ())],
        "tags": [(key, names.of("tag", key)) for key in program.tags],
        "tiers": [
            (key, names.of("tier", key), [(f"{key}:{band}", names.of(f"band of {key}", band)) for band in plan.keys])
            for key, plan in program.tiers.items()
        ],
        "rows": [_row(names, one) for one in rows],
        "next": f"?{chosen}&{urlencode({'cursor': following})}" if following else None,
        "file": f"?{chosen}&format=csv",
        "wrong": wrong,
    }
    return Shown("profiles.html", values, 422 if wrong else 200)


def _row(names: Names, one: Mapping[str, Any]) -> dict[str, Any]:
    """One profile in words."""
    return {
        "id": one["profile_id"],
        "path": profile_path(one["profile_id"]),
        "stage": names.of("stage", one["stage"]),
        "tags": [(names.of("tag", key), key) for key in one["tags"]],
        "tiers": [(names.of("tier", key), names.of(f"band of {key}", band)) for key, band in one["tiers"].items()],
        "scores": [
            (names.of("score", key), number(value)) for key, value in one["scores"].items() if value is not None
        ],
        "at": names.instant(one["at"]),
        "next": names.instant(one["next_change_at"]),
    }


def _file(visit: Visit, query: Mapping[str, Any]) -> Sent:
    """All that fits, as a file; errors are told before it begins."""
    try:
        segment = read_segment(visit.service, query)
    except InvalidRequest as refused:
        raise NotFound("; ".join(one.message for one in refused.errors)) from None
    tiers, scores = segment_columns(visit.service, segment)
    columns = [*COLUMNS, *(f"tier.{key}" for key in tiers), *(f"score.{key}" for key in scores)]
    pages = stream_segment(visit.service, segment, None)
    return sheet(query["ruleset"], columns, ([_flat(one, tiers, scores) for one in page] for page in pages))


def _flat(one: Mapping[str, Any], tiers: Sequence[str], scores: Sequence[str]) -> dict[str, Any]:
    bands = {f"tier.{key}": one["tiers"].get(key) for key in tiers}
    values = {f"score.{key}": one["scores"].get(key) for key in scores}
    return {**one, "tags": " ".join(one["tags"]), **bands, **values}
