"""The routes that read: the log, rulesets, and what there is to say about a document.

Lists are `{"items": [...], "next": ...}`; `next` is given back as `cursor`. Decisions also leave as CSV and NDJSON,
with the next page in a `Link` header.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from service.api.route import CSV, NDJSON, Answer, Call, as_json
from service.errors import Fault, InvalidRequest
from service.language.instants import read_instant
from service.language.schema import ruleset_schema
from service.operations.check import check_ruleset
from service.operations.log import Filter, list_decisions, read_evaluation
from service.operations.replies import json_text
from service.operations.rulesets import LAST, list_rulesets, list_versions, read_ruleset, read_version

COLUMNS = (
    "id",
    "evaluation_id",
    "at",
    "recorded_at",
    "ruleset",
    "version",
    "profile_id",
    "kind",
    "key",
    "outcome",
    "movement",
    "from",
    "to",
    "rule",
    "cause",
)
"""The columns of decisions as CSV."""
FILTERS = {"profile": "profile_id"}
"""The query's names of columns, where they differ."""
EQUAL = ("profile", "ruleset", "kind", "key", "outcome", "cause", "rule", "version")
DEFAULT_LIMIT = 100


def decisions(call: Call) -> Answer:
    """`GET /v1/decisions`."""
    query = call.query
    wanted = Filter(
        {FILTERS.get(name, name): query[name] for name in EQUAL if name in query},
        _between(query),
        query.get("include") == "all",
    )
    items, following = list_decisions(call.service, wanted, query.get("cursor"), _limit(call))
    if call.accepts == NDJSON:
        return Answer(b"".join(json_text(one) + b"\n" for one in items), 200, NDJSON, _link(query, following))
    if call.accepts == CSV:
        return Answer(_csv(items), 200, f"{CSV}; charset=utf-8", _link(query, following))
    return as_json({"items": items, "next": following})


def evaluation(call: Call) -> Answer:
    """`GET /v1/evaluations/{evaluation_id}`."""
    return Answer(read_evaluation(call.service, call.path["evaluation_id"]))


def rulesets(call: Call) -> Answer:
    """`GET /v1/rulesets`."""
    items, following = list_rulesets(call.service, call.query.get("cursor", ""), _limit(call))
    return as_json({"items": items, "next": following})


def ruleset(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}`."""
    return as_json(read_ruleset(call.service, call.path["key"]))


def versions(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/versions`."""
    below = call.query.get("cursor", LAST)
    items, following = list_versions(call.service, call.path["key"], below, _limit(call))
    return as_json({"items": items, "next": following and str(following)})


def version(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/versions/{version}`."""
    return as_json(read_version(call.service, call.path["key"], call.path["version"]))


def check(call: Call) -> Answer:
    """`POST /v1/check`. Any text is checked; one that is no JSON has a diagnostic that says so."""
    return Answer(check_ruleset(call.content, call.query.get("language", call.language)))


def schema(_call: Call) -> Answer:
    """`GET /v1/ruleset-schema.json`."""
    return Answer(json_text(ruleset_schema()), content_type="application/schema+json")


def _limit(call: Call) -> int:
    limit: int = call.query.get("limit", DEFAULT_LIMIT)
    return limit


def _between(query: Mapping[str, Any]) -> tuple[int | None, int | None]:
    found: list[Fault] = []
    ends: list[int | None] = []
    for name in ("from", "to"):
        text = query.get(name)
        try:
            ends.append(None if text is None else read_instant(text, UTC))
        except ValueError:
            found.append(Fault(f"/{name}", "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`"))
    if found:
        raise InvalidRequest("the query has faults", found)
    return ends[0], ends[1]


def _link(query: Mapping[str, Any], following: str | None) -> dict[str, str]:
    if following is None:
        return {}
    return {"Link": f'</v1/decisions?{urlencode({**query, "cursor": following})}>; rel="next"'}


def _csv(items: Iterable[Mapping[str, Any]]) -> bytes:
    page = StringIO()
    writer = csv.writer(page)
    writer.writerow(COLUMNS)
    writer.writerows([cell(one[name]) for name in COLUMNS] for one in items)
    return page.getvalue().encode()


def cell(value: object) -> object:
    """Why: spreadsheets run a cell that begins like a formula, so such text gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
