"""Signing in and out: a name and password, or an API key -> a session that lives in the database.

The browser holds a random token; the database only its SHA-256, so that who reads the database can't sign in with it.
A session ends when it is signed out, unused for `IDLE`, older than `LONGEST`, or when its user or key ends.
After `MOST_FAILURES` wrong passwords in a row a name is locked for `LOCKED`; each failure is an audit event, without
what was typed.
Source: docs/operations.md, "Signing in".
"""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from service.audit.rows import KeyRow, SessionRow, UserRow
from service.errors import Unauthenticated
from service.operations.keys import audit_row
from service.operations.passwords import fits, hash_password, is_outdated
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service

MINUTE = 60_000
IDLE, LONGEST = 120 * MINUTE, 12 * 60 * MINUTE
LOCKED = 15 * MINUTE
MOST_FAILURES = 5
WRONG = "the name or the password is not right"


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in: who it is, how the session is named, and the token that forms must carry."""

    caller: Caller
    name: str
    session_id: str
    csrf: str


def sign_in(service: Service, name: str, password: str, request_id: str) -> str:
    """The token of a new session; `Unauthenticated` in one and the same words for all that is wrong."""
    user = service.store.read(lambda reads: reads.people.user_named(name))
    now = service.clock()
    is_locked = user is not None and (user.locked_until or 0) > now
    is_right = fits(password, user.password_hash if user else None)
    if user is None or is_locked or not is_right or user.disabled_at is not None:
        _note_failure(service, user, "locked" if is_locked else "refused", request_id)
        raise Unauthenticated(WRONG)
    kept = user.password_hash or ""
    return _begin(service, user, None, request_id, hash_password(password) if is_outdated(kept) else kept)


def sign_in_subject(service: Service, subject: str, request_id: str) -> str:
    """The token of a new session for whom an identity provider has vouched; `Unauthenticated` for a stranger."""
    user = service.store.read(lambda reads: reads.people.user_of(subject))
    if user is None or user.disabled_at is not None:
        _note_failure(service, user, "refused", request_id)
        raise Unauthenticated("no user here has this identity; an admin can add one")
    return _begin(service, user, None, request_id)


def refuse_subject(service: Service, request_id: str) -> None:
    """Note that somebody came from an identity provider who is not to be believed."""
    _note_failure(service, None, "refused", request_id)


def sign_in_key(service: Service, text: str, request_id: str) -> str:
    """The token of a new session with the roles of an API key; `Unauthenticated` if it is not valid."""
    try:
        return _begin(service, None, service.keyring.owner(text.strip()), request_id)
    except Unauthenticated:
        _note_failure(service, None, "refused", request_id)
        raise


def read_session(service: Service, token: str, request_id: str) -> Signed | None:
    """Whose session a token is, if it still lasts; the roles are those of this moment."""
    now = service.clock()
    session_id = sha256(token.encode()).hexdigest()

    def job(reads: Reads) -> tuple[SessionRow, UserRow | KeyRow] | None:
        session = reads.people.session(session_id)
        if session is None or now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            return None
        owner = reads.people.user(session.user_id) if session.user_id else reads.key(session.key_id or "")
        return (session, owner) if owner is not None and _lasts(owner, now) else None

    found = service.store.read(job)
    if found is None:
        return None
    session, owner = found
    if now - session.seen_at > MINUTE:
        service.store.write_later(lambda unit: unit.people.see_session(session_id, now))
    caller = Caller(actor_of(owner), frozenset(owner.roles.split()), request_id)
    return Signed(caller, owner.name, session_id, session.csrf)


def sign_out(service: Service, signed: Signed) -> None:
    """End a session; its token is worth nothing any more."""

    def job(unit: Unit) -> None:
        unit.people.end_session(signed.session_id)
        unit.audit(audit_row(service, signed.caller, "session.ended", signed.name, {}))

    service.store.write(job)


def is_own_form(signed: Signed, token: str | None) -> bool:
    """Whether a form carries its session's token, so that it was made by a page of this service."""
    return token is not None and compare_digest(token.encode(), signed.csrf.encode())


def actor_of(owner: UserRow | KeyRow) -> str:
    """How the log names somebody: a key by its id, a user as `user:name`."""
    return f"user:{owner.name}" if isinstance(owner, UserRow) else owner.id


def _lasts(owner: UserRow | KeyRow, now: int) -> bool:
    if isinstance(owner, UserRow):
        return owner.disabled_at is None
    return owner.revoked_at is None and (owner.expires_at is None or owner.expires_at > now)


def _begin(
    service: Service, user: UserRow | None, key: KeyRow | None, request_id: str, password_hash: str | None = None
) -> str:
    now = service.clock()
    token = service.ids.secret()
    session = SessionRow(
        id=sha256(token.encode()).hexdigest(),
        user_id=user and user.id,
        key_id=key and key.id,
        csrf=service.ids.secret(),
        created_at=now,
        seen_at=now,
    )
    owner = user or key
    assert owner is not None
    caller = Caller(actor_of(owner), frozenset(owner.roles.split()), request_id)
    event = audit_row(service, caller, "session.begun", owner.name, {"by": "user" if user else "key"})

    def job(unit: Unit) -> None:
        unit.people.drop_sessions(now - IDLE, now - LONGEST)
        present = user and unit.people.user(user.id)
        if present is not None:
            password = password_hash or present.password_hash
            unit.people.save_user(present._replace(failures=0, locked_until=None, password_hash=password))
        unit.people.add_session(session)
        unit.audit(event)

    service.store.write(job)
    return token


def _note_failure(service: Service, user: UserRow | None, outcome: str, request_id: str) -> None:
    """Count a failure. Why the name of strangers is left out: people type passwords into the wrong field."""
    now = service.clock()
    caller = Caller("anonymous", frozenset(), request_id)
    event = audit_row(service, caller, "session.refused", user.name if user else "unknown", {"outcome": outcome})

    def job(unit: Unit) -> None:
        unit.alone("users")
        before = user and unit.people.user(user.id)
        if before is not None:
            failures = before.failures + 1
            locked = now + LOCKED if failures % MOST_FAILURES == 0 else before.locked_until
            unit.people.save_user(before._replace(failures=failures, locked_until=locked))
        unit.audit(event)

    service.store.write(job)
