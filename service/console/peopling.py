"""People and keys: who may sign in, and which systems may call."""

from typing import Any

from service.console.page import Moved, Reaction, Shown, Visit
from service.errors import InvalidRequest
from service.operations.keys import ROLES, create_key, list_keys, revoke_key
from service.operations.people import change_user, create_user, list_users

HERE = "/console/people"
MOST = 500


def show_people(visit: Visit) -> Reaction:
    """Everybody who may sign in, and every API key."""
    return _people(visit)


def act_people(visit: Visit) -> Reaction:
    """Make or change a user, make or revoke a key."""
    form, service, caller = visit.form, visit.service, visit.caller
    todo, name = form.get("do"), form.get("name", "").strip()
    try:
        if todo == "add":
            wish = {"name": name, "password": form.get("password", ""), "roles": list(visit.lists("roles"))}
            subject = form.get("subject", "").strip()
            if subject:
                wish = {one: value for one, value in wish.items() if value} | {"subject": subject}
            create_user(service, wish, caller)
            return Moved(HERE, "people.added", {"name": name})
        if todo == "change":
            change_user(service, name, _changes(visit), caller)
            return Moved(HERE, "people.changed", {"name": name})
        if todo in {"disable", "enable"}:
            change_user(service, name, {"disabled": todo == "disable"}, caller)
            return Moved(HERE, "people.changed", {"name": name})
        if todo == "make-key":
            expires = form.get("expires_at") or None
            new_key = {"name": name, "roles": list(visit.lists("roles")), "expires_at": expires}
            return _people(visit, made=create_key(service, new_key, caller))
        revoke_key(service, form.get("id", ""), caller)
        return Moved(HERE, "keys.gone")
    except InvalidRequest as refused:
        return _people(visit, wrong={one.pointer.split("/")[1]: one.message for one in refused.errors}, todo=todo)


def _changes(visit: Visit) -> dict[str, Any]:
    password = visit.form.get("password", "")
    return {"roles": list(visit.lists("roles"))} | ({"password": password} if password else {})


def _people(visit: Visit, **more: Any) -> Shown:
    users, _ = list_users(visit.service, "", MOST)
    keys, _ = list_keys(visit.service, "", MOST)
    values = {"users": users, "keys": keys, "all_roles": ROLES, "wrong": {}, "todo": "", "made": None, **more}
    return Shown("people.html", {**values, "form": visit.form}, 422 if more.get("wrong") else 200)
