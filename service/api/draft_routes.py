"""The rows of the table of routes by which a ruleset comes to be in force."""

from collections.abc import Mapping
from functools import partial

from service.api.drafting import (
    activations,
    diff,
    draft,
    draft_approved,
    draft_checked,
    draft_rejected,
    draft_saved,
    draft_submitted,
    drafts,
    no_draft,
    no_schedule,
    published,
    retired,
    revision,
    revisions,
    rolled_back,
    settings,
    settings_changed,
)
from service.api.proof_schemas import DIFFERENCE_PROOF
from service.api.route import JSON, Route
from service.api.schemas import CHANGE, DRAFT, INSTANT, MAYBE_INSTANT, MAYBE_TEXT, TEXT, members, page, ref
from service.api.terms import ADMINS, ANY_KEY, EDITORS, KEY_READERS, LIMIT, NUMBER_CURSOR, PUBLISHERS
from service.language.document import MAX_BYTES
from service.operations.authoring.activation import RETIRE, ROLLBACK
from service.operations.authoring.release import PUBLISH
from service.operations.authoring.review import REJECT
from service.operations.authoring.settings import CHANGE_SETTINGS, DEFAULTS
from service.operations.check import LANGUAGES
from service.operations.shapes import Shape

_ONE = "/v1/rulesets/{key}"
_DRAFT = f"{_ONE}/draft"
_read = partial(Route, method="GET", section="Drafts", roles=ANY_KEY)
_edit = partial(Route, method="POST", section="Drafts", roles=EDITORS)
_publish = partial(Route, method="POST", section="Publish", roles=PUBLISHERS)

WHOLE: Shape = {"type": "object", "description": "The ruleset as it was saved, finished or not."}
ACTIVATED: Shape = members(
    {
        "key": TEXT,
        "active_version": {"type": ["integer", "null"]},
        "before": {"type": ["integer", "null"]},
        "effective_at": INSTANT,
        "cancelled": {"type": "array", "items": {"type": "integer"}},
    }
)
RELEASED: Shape = members(
    {
        "key": TEXT,
        "version": {"type": "integer"},
        "digest": TEXT,
        "author": TEXT,
        "approved_by": MAYBE_TEXT,
        "effective_at": INSTANT,
        "scheduled": {"type": "boolean", "description": "Whether it comes into force later."},
        "cancelled": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "Versions that were scheduled and will not come into force, because this one stands then.",
        },
    }
)
SETTINGS: Shape = members(
    {name: members({"value": {}, "changed_at": MAYBE_INSTANT, "changed_by": MAYBE_TEXT}) for name in DEFAULTS}
)
WHICH: Mapping[str, Shape] = {
    "from": {"type": "string", "maxLength": 10, "description": "A version, `active` (the default) or `draft`."},
    "to": {"type": "string", "maxLength": 10, "description": "A version, `active` or `draft` (the default)."},
    "witness": {
        "type": "string",
        "enum": ["true", "false"],
        "description": "`true` adds `proof`: a profile that both decide differently, or the proof that there is none.",
    },
}
DIFFERENCES: Shape = members(
    {
        "key": TEXT,
        "from": TEXT,
        "to": TEXT,
        "can_change_decisions": {"type": "boolean"},
        "changes": {"type": "array", "items": CHANGE},
        "proof": DIFFERENCE_PROOF,
    },
    leaving_out=("proof",),
)

DRAFT_ROUTES: tuple[Route, ...] = (
    _read(
        path="/v1/drafts",
        operation="list_drafts",
        summary="Every draft, without its document.",
        handler=drafts,
        reply={JSON: page("Draft")},
    ),
    _read(
        path=_DRAFT,
        operation="read_draft",
        summary="A ruleset's draft; its `ETag` names the revision.",
        handler=draft,
        reply={JSON: members({**DRAFT, "document": WHOLE})},
        problems=(404,),
    ),
    _edit(
        method="PUT",
        path=_DRAFT,
        operation="save_draft",
        summary="Save a draft, finished or not, of a ruleset that is there or new.",
        handler=draft_saved,
        body=WHOLE,
        max_body_bytes=MAX_BYTES,
        conditional=True,
        reply={JSON: ref("Draft")},
        problems=(404, 428),
    ),
    _edit(
        method="DELETE",
        path=_DRAFT,
        operation="discard_draft",
        summary="Take a draft away.",
        handler=no_draft,
        conditional=True,
        status=204,
        problems=(404, 428),
    ),
    _read(
        path=f"{_DRAFT}/revisions",
        operation="list_draft_revisions",
        summary="What was saved of a ruleset's drafts, newest first.",
        handler=revisions,
        query={"cursor": NUMBER_CURSOR, "limit": LIMIT},
        reply={JSON: page("DraftRevision")},
    ),
    _read(
        path=f"{_DRAFT}/revisions/{{revision}}",
        operation="read_draft_revision",
        summary="The document as it was saved under one number.",
        handler=revision,
        path_shapes={"revision": {"type": "integer", "minimum": 1}},
        reply={JSON: WHOLE},
        problems=(404,),
    ),
    _edit(
        path=f"{_DRAFT}/check",
        operation="check_draft",
        summary="Everything there is to say about a draft, its examples run.",
        handler=draft_checked,
        roles=EDITORS | PUBLISHERS,
        query={"language": {"type": "string", "enum": list(LANGUAGES)}},
        reply={JSON: ref("Checked")},
        problems=(404,),
    ),
    _edit(
        path=f"{_DRAFT}/submit",
        operation="submit_draft",
        summary="Ask for the review of a draft, which may have no errors.",
        handler=draft_submitted,
        conditional=True,
        reply={JSON: ref("Draft")},
        problems=(404, 409),
    ),
    _publish(
        path=f"{_DRAFT}/approve",
        operation="approve_draft",
        summary="Approve a draft that somebody else edited.",
        handler=draft_approved,
        conditional=True,
        reply={JSON: ref("Draft")},
        problems=(404, 409),
    ),
    _publish(
        path=f"{_DRAFT}/reject",
        operation="reject_draft",
        summary="Send a draft back to its editors, and say why.",
        handler=draft_rejected,
        body=REJECT,
        conditional=True,
        reply={JSON: ref("Draft")},
        problems=(404, 409),
    ),
    _publish(
        path=f"{_ONE}/publish",
        operation="publish_draft",
        summary="Publish an approved draft, at once or at an instant to come.",
        handler=published,
        body=PUBLISH,
        conditional=True,
        status=201,
        reply={JSON: RELEASED},
        problems=(404, 409),
    ),
    _publish(
        path=f"{_ONE}/rollback",
        operation="rollback_ruleset",
        summary="Have an older version in force again, at once.",
        handler=rolled_back,
        body=ROLLBACK,
        reply={JSON: ACTIVATED},
        problems=(404, 409),
    ),
    _publish(
        path=f"{_ONE}/retire",
        operation="retire_ruleset",
        summary="End a ruleset: it decides nothing any more, and what it decided stays.",
        handler=retired,
        body=RETIRE,
        reply={JSON: ACTIVATED},
        problems=(404, 409),
    ),
    _publish(
        method="DELETE",
        path=f"{_ONE}/schedule",
        operation="cancel_schedule",
        summary="Have what is in force stay, and nothing that was scheduled begin.",
        handler=no_schedule,
        reply={JSON: ACTIVATED},
        problems=(404,),
    ),
    _read(
        path=f"{_ONE}/activations",
        operation="list_activations",
        summary="Everything that was ever said about what is in force when, newest first.",
        section="Rulesets",
        handler=activations,
        reply={JSON: page("Activation")},
        problems=(404,),
    ),
    _read(
        path=f"{_ONE}/diff",
        operation="compare_versions",
        summary="What differs between two versions, by meaning, in English and Chinese.",
        section="Rulesets",
        handler=diff,
        query=WHICH,
        reply={JSON: DIFFERENCES},
        problems=(404,),
    ),
    _read(
        path="/v1/settings",
        operation="read_settings",
        summary="Settings of the whole service that are changed while it runs.",
        section="Operations",
        roles=KEY_READERS,
        handler=settings,
        reply={JSON: SETTINGS},
    ),
    Route(
        method="PUT",
        path="/v1/settings",
        operation="change_settings",
        summary="Change some of them; each change is in the audit events.",
        section="Operations",
        roles=ADMINS,
        handler=settings_changed,
        body=CHANGE_SETTINGS,
        reply={JSON: SETTINGS},
    ),
)
"""Their rows."""
