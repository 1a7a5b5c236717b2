"""The routes that read rulesets, and what there is to say about a document.

Lists are `{"items": [...], "next": ...}`; `next` is given back as `cursor`.
"""

from service.api.route import Answer, Call, as_json
from service.language.schema import ruleset_schema
from service.operations.check import check_ruleset
from service.operations.replies import json_text
from service.operations.rulesets import LAST, list_rulesets, list_versions, read_ruleset, read_version

DEFAULT_LIMIT = 100


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


def cell(value: object) -> object:
    """Why: spreadsheets run a cell that begins like a formula, so such text gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
