"""A ruleset's way into force, step by step, as the people of a team take them."""

import json
from typing import Any

from service.operations.authoring.drafts import save_draft
from service.operations.authoring.release import Release, publish_draft
from service.operations.authoring.review import approve_draft, submit_draft
from service.operations.authoring.stamps import stamp
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from service.operations.rulesets import list_versions
from service.operations.service import Service
from tests.small import KEY, RULESET, asking, request

ANN, BOB, EVE = (Caller(name, frozenset({"editor", "publisher"}), "r") for name in ("ann", "bob", "eve"))
WARNINGS = ["tag-without-purpose", "unused-attribute", "untested-rule"]
"""What the small ruleset is warned of."""
EVERYBODY: dict[str, Any] = {"tags": [{"key": "regular", "when": "visits >= 0"}], "values": [], "actions": []}
"""Members of a version under which every profile has another tag."""
SOON = "2026-01-01T01:00:00Z"
HOUR = 3_600_000
AGAIN = {"version": 1, "reason": "too many moved"}


def save(service: Service, caller: Caller = ANN, held: str | None = "*", **members: object):
    """Save a draft of the small ruleset with other members, over what is there."""
    text = json.dumps({**RULESET, **members})
    is_new = service.store.read(lambda reads: reads.governance.draft(KEY)) is None
    return save_draft(service, KEY, text, caller, None if is_new and held == "*" else held)


def approved(service: Service, **members: object):
    """A draft that one edited and another approved."""
    save(service, ANN, **members)
    submit_draft(service, KEY, ANN)
    return approve_draft(service, KEY, BOB)


def publish(service: Service, *, caller: Caller = BOB, **wish: Any) -> Release:
    """Publish the approved draft, its warnings acknowledged."""
    body = {"comment": "why", "acknowledge": WARNINGS, **wish}
    return publish_draft(service, KEY, body, caller)


def released(service: Service, **members: object) -> Release:
    """A new version, all the way."""
    wish = {name: members.pop(name) for name in ("effective_at", "apply") if name in members}
    approved(service, **members)
    return publish(service, **wish)


def draft(service: Service):
    """The draft as it is stored."""
    return service.store.read(lambda reads: reads.governance.draft(KEY))


def held_by(service: Service) -> str:
    """What names the draft as it is."""
    return stamp(draft(service))


def events(service: Service) -> list[tuple[str, str, dict[str, Any]]]:
    """Who did what, oldest first: actor, action, detail."""
    rows = service.store.read(
        lambda reads: reads._database.execute_sql(  # noqa: SLF001  # no operation lists them all
            "SELECT actor, action, detail FROM audit_events ORDER BY seq"
        ).fetchall()
    )
    return [(actor, action, json.loads(detail)) for actor, action, detail in rows]


def decided(service: Service, profile: str = "u", **attributes: object) -> tuple[int, list[str]]:
    """The version that decides a profile, and its tags then."""
    reply = json.loads(evaluate_profile(service, KEY, request(asking(profile, **attributes))).text)
    return reply["ruleset"]["version"], reply["tags"]


def statuses(service: Service) -> dict[int, str]:
    """Where each version stands, by its number."""
    return {one["version"]: one["status"] for one in list_versions(service, KEY, 1 << 31, 100)[0]}
