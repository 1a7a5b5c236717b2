"""Make, list and revoke API keys; each change is in the audit events.

A key's secret is shown once, by `create_key`. Roles are `evaluator`, `editor`, `publisher`, `auditor` and `admin`.
Source: docs/api.md, "Keys".
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from service.audit.rows import AuditRow, KeyRow
from service.errors import Fault, InvalidRequest, NotFound
from service.language.instants import read_instant, write_instant
from service.operations.keyring import hash_secret, key_text, split_key
from service.operations.ports import Caller, Unit
from service.operations.replies import json_text
from service.operations.requests import INSTANT
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

ROLES = ("evaluator", "editor", "publisher", "auditor", "admin")
CREATE_KEY: Shape = {
    "type": "object",
    "required": ["name", "roles"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "What the key is for."},
        "roles": {
            "type": "array",
            "minItems": 1,
            "maxItems": len(ROLES),
            "uniqueItems": True,
            "items": {"type": "string", "enum": list(ROLES)},
        },
        "expires_at": {**optional(INSTANT), "description": "When it ends by itself; without an offset, in UTC."},
    },
}


def create_key(service: Service, body: object, caller: Caller) -> dict[str, Any]:
    """Make a key; only the reply holds its `key`. `InvalidRequest` lists every fault of the body."""
    wish = _checked(body)
    now = service.clock()
    row = KeyRow(
        id=service.ids.ulid(now)[-12:].lower(),
        name=wish["name"],
        secret_hash=hash_secret(secret := service.ids.secret()),
        roles=" ".join(role for role in ROLES if role in wish["roles"]),
        created_at=now,
        created_by=caller.actor,
        expires_at=_expiry(wish),
        revoked_at=None,
        last_used_at=None,
    )
    add_key(service, row, caller)
    return {"key": key_text(row.id, secret), **key_json(row)}


def first_key(service: Service, text: str | None, caller: Caller) -> str | None:
    """Make the first key, with every role, unless there is one already; the key as its owner sends it.

    `text` is a key chosen from outside. Of processes that start together on a new database one makes it.
    """
    now = service.clock()
    chosen = text or key_text(service.ids.ulid(now)[-12:].lower(), service.ids.secret())
    key_id, secret = split_key(chosen)
    row = KeyRow(key_id, "first key", hash_secret(secret), " ".join(ROLES), now, caller.actor, None, None, None)
    event = _created(service, row, caller)

    def job(unit: Unit) -> bool:
        unit.alone("first key")
        is_first = not unit.keys("", 1)
        if is_first:
            unit.add_key(row)
            unit.audit(event)
        return is_first

    return chosen if service.store.write(job) else None


def list_keys(service: Service, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Keys by id after one, without their secrets, and where the next page begins."""
    rows = service.store.read(lambda reads: reads.keys(after, limit + 1))
    following = rows[limit - 1].id if len(rows) > limit else None
    return [key_json(row) for row in rows[:limit]], following


def revoke_key(service: Service, key_id: str, caller: Caller) -> None:
    """End a key from its next use on; one that has ended stays as it is. `NotFound` without such a key."""
    now = service.clock()

    def job(unit: Unit) -> None:
        row = unit.key(key_id)
        if row is None:
            raise NotFound(f"there is no key `{key_id}`")
        if row.revoked_at is None:
            unit.revoke_key(key_id, now)
            unit.audit(audit_row(service, caller, "key.revoked", key_id, {"name": row.name}))

    service.store.write(job)
    service.keyring.forget(key_id)


def add_key(service: Service, row: KeyRow, caller: Caller) -> None:
    """Keep a key, and who made it."""
    event = _created(service, row, caller)

    def job(unit: Unit) -> None:
        unit.add_key(row)
        unit.audit(event)

    service.store.write(job)


def _created(service: Service, row: KeyRow, caller: Caller) -> AuditRow:
    detail = {"name": row.name, "roles": row.roles.split(), "expires_at": row.expires_at}
    return audit_row(service, caller, "key.created", row.id, detail)


def audit_row(service: Service, caller: Caller, action: str, subject: str, detail: Mapping[str, Any]) -> AuditRow:
    """Who did what, now."""
    now = service.clock()
    text = json_text(detail).decode()
    return AuditRow(service.ids.ulid(now), now, caller.actor, action, subject, text, caller.request_id)


def key_json(row: KeyRow) -> dict[str, Any]:
    """A key without its secret, as JSON values."""
    instants = {
        name: at and write_instant(at)
        for name in ("created_at", "expires_at", "revoked_at", "last_used_at")
        for at in [getattr(row, name)]
    }
    return {"id": row.id, "name": row.name, "roles": row.roles.split(), "created_by": row.created_by, **instants}


def _checked(body: object) -> Mapping[str, Any]:
    found = faults(CREATE_KEY, body)
    if isinstance(body, dict) and isinstance(body.get("expires_at"), str):
        try:
            read_instant(body["expires_at"], UTC)
        except ValueError:
            found.append(Fault("/expires_at", "wrong-value", "expected an instant such as `2027-01-01T00:00:00Z`"))
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    return body


def _expiry(wish: Mapping[str, Any]) -> int | None:
    text = wish.get("expires_at")
    return None if text is None else read_instant(text, UTC)
