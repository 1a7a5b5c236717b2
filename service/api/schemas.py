"""What replies look like, as JSON Schema: what `openapi.yaml` says of them, and what tests hold real replies to.

Data only. Requests are described by the shapes that check them (see `operations.requests`).
Source: docs/api.md.
"""

from collections.abc import Mapping

from service.operations.keys import ROLES
from service.operations.shapes import Shape

TEXT: Shape = {"type": "string"}
MAYBE_TEXT: Shape = {"type": ["string", "null"]}
INSTANT: Shape = {"type": "string", "format": "date-time"}
MAYBE_INSTANT: Shape = {"type": ["string", "null"], "format": "date-time"}
TEXTS: Shape = {"type": "array", "items": TEXT}
WORDS: Shape = {
    "type": ["string", "object", "null"],
    "additionalProperties": TEXT,
    "description": "Words for people: one text, or one by language.",
}
OUTCOMES = {
    "tag": ("assigned", "removed", "expired", "kept", "absent", "suppressed", "blocked", "undetermined", "waiting"),
    "tier": ("entered", "rose", "fell", "kept", "waiting", "undetermined"),
    "stage": ("entered", "moved", "kept", "undetermined", "waiting", "conflict"),
}
KINDS = tuple(OUTCOMES)
ALL_OUTCOMES = tuple(dict.fromkeys(word for words in OUTCOMES.values() for word in words))
MOVEMENTS = ("promotion", "demotion", "recovery", "churn")
TRIGGERS = ("api", "batch", "bulk", "sweep", "manual", "publish")
CAUSES = ("first", "manual", "expiry", "time", "rules", "data", "event")


def ref(name: str) -> Shape:
    """A reference to one of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def members(properties: Mapping[str, Shape], *, leaving_out: tuple[str, ...] = ()) -> Shape:
    """An object with these members and no others, all of them always there but those of `leaving_out`."""
    required = [name for name in properties if name not in leaving_out]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": dict(properties)}


def page(name: str) -> Shape:
    """A page of a list."""
    following = {**MAYBE_TEXT, "description": "The `cursor` of the next page; null on the last."}
    return members({"items": {"type": "array", "items": ref(name)}, "next": following})


def maps(to: Shape) -> Shape:
    """An object whose members are keys of the ruleset."""
    return {"type": "object", "additionalProperties": to}


DECIDED: Mapping[str, Shape] = {
    "kind": {"enum": list(KINDS)},
    "key": TEXT,
    "outcome": {"enum": list(ALL_OUTCOMES)},
    "movement": {"enum": ["promotion", "demotion", "recovery", "churn", None]},
    "from": MAYBE_TEXT,
    "to": MAYBE_TEXT,
    "rule": MAYBE_TEXT,
    "cause": {"enum": [*CAUSES, None]},
    "due_at": INSTANT,
    "missing": TEXTS,
    "transitions": TEXTS,
}
SOMETIMES = ("movement", "due_at", "missing", "transitions")
PUBLISHED = members({"key": TEXT, "version": {"type": "integer"}, "digest": TEXT})
NEXT_CHANGE: Shape = {
    **members({"at": INSTANT, "decisions": {"type": "array", "items": members(DECIDED, leaving_out=SOMETIMES)}}),
    "type": ["object", "null"],
    "description": "The next instant at which something changes if no data comes, and what.",
}
SCORES = maps(members({"value": {"type": ["number", "null"]}, "coverage": {"type": ["number", "null"]}}))
UNDETERMINED: Shape = {**maps(TEXTS), "description": "Each missing attribute, and the rules that it silenced."}
STANDING: Mapping[str, Shape] = {
    "stage": MAYBE_TEXT,
    "tags": TEXTS,
    "tiers": maps(MAYBE_TEXT),
    "scores": SCORES,
    "values": {"type": "object"},
    "undetermined": UNDETERMINED,
    "next_change": NEXT_CHANGE,
}
KEY: Mapping[str, Shape] = {
    "id": TEXT,
    "name": TEXT,
    "roles": {"type": "array", "items": {"enum": list(ROLES)}},
    "created_by": TEXT,
    "created_at": INSTANT,
    "expires_at": MAYBE_INSTANT,
    "revoked_at": MAYBE_INSTANT,
    "last_used_at": MAYBE_INSTANT,
}
VERSION: Mapping[str, Shape] = {
    "key": TEXT,
    "version": {"type": "integer"},
    "digest": TEXT,
    "comment": TEXT,
    "author": TEXT,
    "approved_by": {**MAYBE_TEXT, "description": "Who approved it; `command-line` if nobody was asked."},
    "published_at": INSTANT,
    "base_version": {"type": ["integer", "null"], "description": "The version that it was reviewed as a change of."},
    "apply": {"enum": ["on_next_evaluation", "now_quietly", "now"]},
}
FORCE: Mapping[str, Shape] = {
    "status": {"enum": ["active", "scheduled", "past", "cancelled", "retired"]},
    "in_force": {"type": "array", "items": members({"from": INSTANT, "to": MAYBE_INSTANT})},
}
DRAFT: Mapping[str, Shape] = {
    "key": TEXT,
    "revision": {"type": "integer"},
    "stamp": {**TEXT, "description": "What `ETag` says, and `If-Match` is to say."},
    "digest": {**TEXT, "description": "The SHA-256 of the text as it was saved."},
    "base_version": {"type": ["integer", "null"]},
    "state": {"enum": ["editing", "submitted", "approved", "rejected"]},
    "author": {**TEXT, "description": "Who saved it last."},
    "editors": {**TEXTS, "description": "Everybody who edited it since it was last approved."},
    "edited_at": INSTANT,
    "submitted_by": MAYBE_TEXT,
    "submitted_at": MAYBE_INSTANT,
    "reviewed_by": MAYBE_TEXT,
    "reviewed_at": MAYBE_INSTANT,
    "reason": {**MAYBE_TEXT, "description": "Why it was rejected."},
}
SENTENCE: Shape = members({"en": TEXT, "zh": TEXT})
CHANGE: Shape = members(
    {
        "construct": TEXT,
        "key": TEXT,
        "kind": {"enum": ["added", "removed", "changed", "moved"]},
        "member": MAYBE_TEXT,
        "name": SENTENCE,
        "pointer": TEXT,
        "before": {},
        "after": {},
        "sentence": SENTENCE,
        "decides": {"type": "boolean", "description": "Whether any decision can differ for it."},
    }
)
DOCUMENT: Shape = {"type": "object", "description": "The ruleset, as it was published."}
SUMMARY: Mapping[str, Shape] = {
    **VERSION,
    "title": WORDS,
    "description": WORDS,
    "timezone": TEXT,
    "active_version": {"type": ["integer", "null"], "description": "The version in force, if there is one."},
    "retired_at": MAYBE_INSTANT,
    "scheduled": {"type": "array", "items": members({"version": {"type": "integer"}, "effective_at": INSTANT})},
    "draft": {
        **members(
            {"revision": {"type": "integer"}, "state": DRAFT["state"], "author": TEXT, "edited_at": INSTANT},
        ),
        "type": ["object", "null"],
    },
}

FIRED: Mapping[str, Shape] = {"key": TEXT, "parameters": {"type": "object"}}
FIRED_ON: Shape = {**members({"kind": {"enum": list(KINDS)}, "key": TEXT}), "description": "The change it fired on."}
ACTIONS: Shape = {"type": "array", "items": members({**FIRED, "on": FIRED_ON})}
UNCHANGED_ONLY = ("due_at", "missing", "transitions")
SUBSCRIPTION: Mapping[str, Shape] = {
    "id": TEXT,
    "url": TEXT,
    "description": TEXT,
    "filters": maps(TEXTS),
    "state": {"enum": ["active", "paused"]},
    "reason": {**MAYBE_TEXT, "description": "Why the service paused it."},
    "waiting": {"type": "integer", "description": "Events that were queued and are not delivered yet."},
    "previous_secret_until": MAYBE_INSTANT,
    "created_at": INSTANT,
    "created_by": TEXT,
}

COMPONENTS: Mapping[str, Shape] = {
    "Problem": {
        **members(
            {
                "type": {"type": "string", "format": "uri"},
                "title": TEXT,
                "status": {"type": "integer"},
                "detail": TEXT,
                "code": TEXT,
                "request_id": TEXT,
                "errors": {"type": "array", "items": ref("Fault")},
                "warnings": {"type": "array", "items": {"type": "object"}},
                "stamp": {**MAYBE_TEXT, "description": "The draft's present revision."},
                "theirs": {"type": "object", "description": "What others changed since the revision that was named."},
                "yours": {"type": "object", "description": "What the request would have changed."},
                "conflicts": {"type": "array", "items": {"type": "object"}},
            },
            leaving_out=("errors", "warnings", "stamp", "theirs", "yours", "conflicts"),
        ),
        "description": "An error (RFC 9457). `errors` lists all faults, not the first.",
    },
    "Fault": {
        "type": "object",
        "required": ["pointer", "code", "message"],
        "properties": {"pointer": TEXT, "code": TEXT, "message": TEXT},
        "description": "One thing wrong, and where (RFC 6901; for a query, into the object of its parameters).",
    },
    "Decision": members({"id": MAYBE_TEXT, **DECIDED}, leaving_out=SOMETIMES),
    "Evaluated": members(
        {
            "evaluation_id": MAYBE_TEXT,
            "ruleset": PUBLISHED,
            "profile_id": TEXT,
            "at": INSTANT,
            **STANDING,
            "decisions": {"type": "array", "items": ref("Decision")},
            "actions": ACTIONS,
            "caught_up": {
                "type": "array",
                "items": members(
                    {
                        "evaluation_id": MAYBE_TEXT,
                        "at": INSTANT,
                        "decisions": {"type": "array", "items": ref("Decision")},
                        "actions": ACTIONS,
                    }
                ),
                "description": "What time had brought before, each decided at its own instant and recorded by itself.",
            },
            "ignored_attributes": TEXTS,
            "dry_run": {"type": "boolean"},
            "ignored_event": TEXT,
            "explanation": {"type": "array", "items": {"type": "object"}},
            "receipt": {**MAYBE_TEXT, "description": "A signed note; null if nothing can be signed now."},
        },
        leaving_out=("ignored_event", "explanation", "receipt"),
    ),
    "EvaluatedRulesets": members({"results": {"type": "array", "items": ref("Evaluated")}}),
    "EvaluatedBatch": members(
        {"results": {"type": "array", "items": {"anyOf": [ref("Evaluated"), members({"error": ref("Problem")})]}}}
    ),
    "Profile": members(
        {
            "profile_id": TEXT,
            "ruleset": PUBLISHED,
            "evaluation_id": TEXT,
            "revision": {"type": "integer"},
            "at": INSTANT,
            **STANDING,
            "since": members({"stage": MAYBE_INSTANT, "tags": maps(INSTANT), "tiers": maps(INSTANT)}),
            "overrides": maps({"type": "object"}),
            "attributes": {"type": "object"},
        }
    ),
    "Profiles": members({"profile_id": TEXT, "rulesets": {"type": "array", "items": ref("Profile")}}),
    "SegmentEntry": members(
        {
            "profile_id": TEXT,
            "version": {"type": "integer"},
            "at": INSTANT,
            "stage": MAYBE_TEXT,
            "tags": TEXTS,
            "tiers": maps(TEXT),
            "scores": maps({"type": ["number", "null"]}),
            "next_change_at": MAYBE_INSTANT,
        }
    ),
    "SegmentPage": page("SegmentEntry"),
    "LoggedDecision": members(
        {
            "id": TEXT,
            "evaluation_id": TEXT,
            "at": INSTANT,
            "recorded_at": INSTANT,
            "ruleset": TEXT,
            "version": {"type": "integer"},
            "profile_id": TEXT,
            **DECIDED,
            "trigger": {"enum": list(TRIGGERS)},
            "actor": TEXT,
            "request_id": TEXT,
        },
        leaving_out=("due_at", "missing", "transitions"),
    ),
    "DecisionPage": page("LoggedDecision"),
    "Evaluation": {
        "type": "object",
        "required": ["format", "id", "ruleset", "engine", "profile_id", "at", "trigger", "facts", "outcome", "state"],
        "description": "The whole record of an evaluation, exactly as it was written.",
    },
    "RulesetSummary": members(SUMMARY),
    "RulesetPage": page("RulesetSummary"),
    "Ruleset": members({**SUMMARY, "document": DOCUMENT}),
    "VersionSummary": members({**VERSION, **FORCE}),
    "VersionPage": page("VersionSummary"),
    "Version": members(
        {
            **VERSION,
            **FORCE,
            "evidence": {"type": "object", "description": "What was known, and answered for, when it was published."},
            "document": DOCUMENT,
        }
    ),
    "Draft": members(DRAFT),
    "DraftRevision": members({"revision": {"type": "integer"}, "stamp": TEXT, "author": TEXT, "at": INSTANT}),
    "Activation": members(
        {
            "seq": {"type": "integer"},
            "version": {"type": "integer"},
            "kind": {"enum": ["publish", "rollback", "retire"]},
            "effective_at": INSTANT,
            "recorded_at": INSTANT,
            "actor": TEXT,
            "reason": TEXT,
            "apply": VERSION["apply"],
        }
    ),
    "Diagnostic": members(
        {
            "code": TEXT,
            "severity": {"enum": ["error", "warning", "hint"]},
            "pointer": TEXT,
            "span": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "message": TEXT,
            "help": TEXT,
        },
        leaving_out=("span", "help"),
    ),
    "Checked": members(
        {
            "valid": {"type": "boolean"},
            "key": MAYBE_TEXT,
            "digest": MAYBE_TEXT,
            "coverage": {"type": ["number", "null"]},
            "unexercised": TEXTS,
            "diagnostics": {"type": "array", "items": ref("Diagnostic")},
        }
    ),
    "Key": members(KEY),
    "KeyPage": page("Key"),
    "NewKey": members({"key": {"type": "string", "description": "Shown once."}, **KEY}),
    "ChangeEvent": members(
        {
            "specversion": {"const": "1.0"},
            "id": {**TEXT, "description": "The id of the decision: the same in the reply, in the log and here."},
            "source": {"type": "string", "format": "uri"},
            "type": {**TEXT, "examples": ["tagwright.tag.assigned"]},
            "subject": {**TEXT, "description": "The profile's id."},
            "time": INSTANT,
            "datacontenttype": {"const": "application/json"},
            "data": members(
                {
                    "ruleset": PUBLISHED,
                    "profile_id": TEXT,
                    **{name: shape for name, shape in DECIDED.items() if name not in UNCHANGED_ONLY},
                    "at": INSTANT,
                    "recorded_at": INSTANT,
                    "evaluation_id": TEXT,
                    "actions": {"type": "array", "items": members(FIRED)},
                    "values": {"type": "object"},
                }
            ),
        }
    ),
    "ChangePage": members(
        {
            "items": {"type": "array", "items": ref("ChangeEvent")},
            "next": {**TEXT, "description": "The `after` of the next page; good even if nothing is new."},
            "more": {"type": "boolean", "description": "Whether the next page has something already."},
        }
    ),
    "Subscription": members(SUBSCRIPTION),
    "SubscriptionPage": page("Subscription"),
    "SubscriptionWithSecret": members(
        {"secret": {"type": "string", "description": "`whsec_...`, shown once."}, **SUBSCRIPTION}
    ),
    "Delivery": members(
        {
            "event_id": TEXT,
            "profile_id": TEXT,
            "state": {"enum": ["pending", "delivered", "dead"]},
            "tries": {"type": "integer"},
            "next_try_at": MAYBE_INSTANT,
            "last_try_at": MAYBE_INSTANT,
            "status": {"type": ["integer", "null"], "description": "What the receiver answered last."},
            "error": {**MAYBE_TEXT, "description": "Why it did not answer."},
        }
    ),
    "DeliveryPage": page("Delivery"),
    "Retried": members({"retried": {"type": "integer"}}),
    "Health": members({"status": {"const": "ok"}}),
    "Readiness": members({"ready": {"type": "boolean"}, "checks": maps({"type": "boolean"})}),
}
"""Every named shape of a reply."""
