"""People who sign in to the console: make, change and list them; each change is in the audit events.

A user has the same roles as an API key. A password is known to its owner and to who set it; setting one, changing
roles or disabling a user ends the user's sessions.
Source: docs/api.md, "People".
"""

from typing import Any

from service.audit.rows import UserRow
from service.errors import Conflict, NotFound
from service.language.instants import write_instant
from service.operations.keys import ROLES, audit_row
from service.operations.passwords import LONGEST, SHORTEST, hash_password
from service.operations.ports import Caller, PeopleReads, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, checked

NAME: Shape = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[^\s/:]+$"}
PASSWORD: Shape = {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST}
ROLE_LIST: Shape = {
    "type": "array",
    "minItems": 1,
    "maxItems": len(ROLES),
    "uniqueItems": True,
    "items": {"type": "string", "enum": list(ROLES)},
}
CREATE_USER: Shape = {
    "type": "object",
    "required": ["name", "roles"],
    "additionalProperties": False,
    "properties": {
        "name": {**NAME, "description": "What the user signs in by, and is known as in the log."},
        "password": {**PASSWORD, "description": "Without one the user can only come from an identity provider."},
        "subject": {"type": "string", "minLength": 1, "maxLength": 255, "description": "At the identity provider."},
        "roles": ROLE_LIST,
    },
}
CHANGE_USER: Shape = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {"password": PASSWORD, "roles": ROLE_LIST, "disabled": {"type": "boolean"}},
}


def create_user(service: Service, body: object, caller: Caller) -> dict[str, Any]:
    """Make a user. `InvalidRequest` lists every fault of the body, `Conflict` that a name is taken."""
    wish = checked(CREATE_USER, body)
    now = service.clock()
    password = wish.get("password")
    row = UserRow(
        id=service.ids.ulid(now)[-12:].lower(),
        name=wish["name"],
        password_hash=password and hash_password(password),
        subject=wish.get("subject"),
        roles=_ordered(wish["roles"]),
        created_at=now,
        created_by=caller.actor,
        disabled_at=None,
        failures=0,
        locked_until=None,
    )
    event = audit_row(service, caller, "user.created", row.name, {"roles": row.roles.split()})

    def job(unit: Unit) -> None:
        unit.alone("users")
        _refuse_taken(unit.people, row)
        unit.people.save_user(row)
        unit.audit(event)

    service.store.write(job)
    return user_json(row, now)


def change_user(service: Service, name: str, body: object, caller: Caller) -> dict[str, Any]:
    """Set a user's password, change the roles, disable or enable; the sessions end. `NotFound` without such a user."""
    wish = checked(CHANGE_USER, body)
    now = service.clock()
    new_hash = hash_password(wish["password"]) if "password" in wish else None

    def job(unit: Unit) -> UserRow:
        unit.alone("users")
        before = unit.people.user_named(name)
        if before is None:
            raise NotFound(f"there is no user `{name}`")
        after = before._replace(
            password_hash=new_hash or before.password_hash,
            roles=_ordered(wish["roles"]) if "roles" in wish else before.roles,
            disabled_at=(now if wish["disabled"] else None) if "disabled" in wish else before.disabled_at,
            failures=0,
            locked_until=None,
        )
        unit.people.save_user(after)
        unit.people.end_sessions(after.id)
        detail = {"before": _told(before), "after": _told(after), "password": "set" if new_hash else "kept"}
        unit.audit(audit_row(service, caller, "user.changed", name, detail))
        return after

    return user_json(service.store.write(job), now)


def list_users(service: Service, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Users by name after one, and where the next page begins."""
    rows = service.store.read(lambda reads: reads.people.users(after, limit + 1))
    now = service.clock()
    return [user_json(row, now) for row in rows[:limit]], rows[limit - 1].name if len(rows) > limit else None


def user_json(row: UserRow, now: int) -> dict[str, Any]:
    """A user without the password's hash, as JSON values."""
    locked = row.locked_until or 0
    return {
        "name": row.name,
        "roles": row.roles.split(),
        "has_password": row.password_hash is not None,
        "subject": row.subject,
        "created_at": write_instant(row.created_at),
        "created_by": row.created_by,
        "disabled_at": row.disabled_at and write_instant(row.disabled_at),
        "locked_until": write_instant(locked) if locked > now else None,
    }


def _told(row: UserRow) -> dict[str, Any]:
    return {"roles": row.roles.split(), "disabled": row.disabled_at is not None}


def _ordered(roles: list[str]) -> str:
    return " ".join(role for role in ROLES if role in roles)


def _refuse_taken(people: PeopleReads, row: UserRow) -> None:
    if people.user_named(row.name) is not None:
        raise Conflict(f"there is a user `{row.name}` already; choose another name", "name-taken")
    if row.subject is not None and people.user_of(row.subject) is not None:
        raise Conflict("another user has this subject already", "subject-taken")
