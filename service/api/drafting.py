"""The routes by which a ruleset comes to be in force: drafts, their review, publishing, and what is in force.

A draft's `ETag` names its revision; who changes it sends that back as `If-Match`.
"""

from typing import Any

import orjson

from service.api.gate import body_value
from service.api.reading import DEFAULT_LIMIT
from service.api.route import Answer, Call, as_json
from service.audit.rows import DraftRow
from service.operations.authoring.activation import cancel_schedule, retire_ruleset, rollback_ruleset
from service.operations.authoring.compare import compare_versions
from service.operations.authoring.drafts import (
    check_draft,
    discard_draft,
    draft_json,
    list_draft_revisions,
    list_drafts,
    read_draft,
    read_draft_revision,
    save_draft,
)
from service.operations.authoring.prove import semantic_diff
from service.operations.authoring.release import publish_draft
from service.operations.authoring.review import approve_draft, reject_draft, submit_draft
from service.operations.authoring.settings import change_settings, read_settings
from service.operations.authoring.stamps import stamp
from service.operations.rulesets import LAST, list_activations


def draft(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/draft`."""
    row = read_draft(call.service, _key(call))
    return as_json({**draft_json(row), "document": orjson.Fragment(row.document)}, headers=_tag(row))


def drafts(call: Call) -> Answer:
    """`GET /v1/drafts`: all of them, since there are never many."""
    return as_json({"items": list_drafts(call.service), "next": None})


def draft_saved(call: Call) -> Answer:
    """`PUT /v1/rulesets/{key}/draft`."""
    return _draft(save_draft(call.service, _key(call), call.content, call.caller, call.held))


def no_draft(call: Call) -> Answer:
    """`DELETE /v1/rulesets/{key}/draft`."""
    discard_draft(call.service, _key(call), call.caller, call.held)
    return Answer(b"", 204)


def revisions(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/draft/revisions`."""
    below, limit = call.query.get("cursor", LAST), call.query.get("limit", DEFAULT_LIMIT)
    items, following = list_draft_revisions(call.service, _key(call), below, limit)
    return as_json({"items": items, "next": following and str(following)})


def revision(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/draft/revisions/{revision}`: the document as it was saved."""
    return Answer(read_draft_revision(call.service, _key(call), call.path["revision"]).document.encode())


def draft_checked(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/check`."""
    return Answer(check_draft(call.service, _key(call), call.query.get("language", call.language)))


def draft_submitted(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/submit`."""
    return _draft(submit_draft(call.service, _key(call), call.caller, call.held))


def draft_approved(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/approve`."""
    return _draft(approve_draft(call.service, _key(call), call.caller, call.held))


def draft_rejected(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/draft/reject`."""
    return _draft(reject_draft(call.service, _key(call), body_value(call.content), call.caller, call.held))


def published(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/publish`."""
    done = publish_draft(call.service, _key(call), body_value(call.content), call.caller, call.held)
    return as_json(done.to_json(), 201)


def rolled_back(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/rollback`."""
    return as_json(rollback_ruleset(call.service, _key(call), body_value(call.content), call.caller))


def retired(call: Call) -> Answer:
    """`POST /v1/rulesets/{key}/retire`."""
    return as_json(retire_ruleset(call.service, _key(call), body_value(call.content), call.caller))


def no_schedule(call: Call) -> Answer:
    """`DELETE /v1/rulesets/{key}/schedule`."""
    return as_json(cancel_schedule(call.service, _key(call), call.caller))


def activations(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/activations`: all of them, since there are never many."""
    return as_json({"items": list_activations(call.service, _key(call)), "next": None})


def diff(call: Call) -> Answer:
    """`GET /v1/rulesets/{key}/diff`."""
    old, new = call.query.get("from", "active"), call.query.get("to", "draft")
    found = compare_versions(call.service, _key(call), old, new)
    if call.query.get("witness") == "true":
        found["proof"] = semantic_diff(call.service, _key(call), old, new)
    return as_json(found)


def settings(call: Call) -> Answer:
    """`GET /v1/settings`."""
    return as_json(read_settings(call.service))


def settings_changed(call: Call) -> Answer:
    """`PUT /v1/settings`."""
    return as_json(change_settings(call.service, body_value(call.content), call.caller))


def _draft(row: DraftRow) -> Answer:
    return as_json(draft_json(row), headers=_tag(row))


def _tag(row: DraftRow) -> dict[str, str]:
    return {"ETag": f'"{stamp(row)}"', "Cache-Control": "no-cache"}


def _key(call: Call) -> str:
    found: Any = call.path["key"]
    return str(found)
