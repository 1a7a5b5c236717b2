"""The routes about a ruleset's tags as such: which could be one, and making two of them one."""

from service.api.gate import body_value
from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.operations.authoring.drafts import draft_json
from service.operations.authoring.stamps import stamp
from service.operations.authoring.tags import merge_draft_tags, read_overlap

DEFAULT_PERCENT = 80


def overlap(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/tags/overlap`."""
    percent, limit = call.query.get("percent", DEFAULT_PERCENT), call.query.get("limit", DEFAULT_LIMIT)
    return as_json(read_overlap(call.service, call.path["key"], percent, limit))


def tags_merged(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/merge-tags`."""
    draft, changes = merge_draft_tags(call.service, call.path["key"], body_value(call.content), call.caller, call.held)
    tag = {"ETag": f'"{stamp(draft)}"', "Cache-Control": "no-cache"}
    return as_json({**draft_json(draft), "changes": [one.to_json() for one in changes]}, headers=tag)
