"""What is done on a profile's page: a person's word on a tag, legal hold, erasure; all of it the API does too."""

from collections.abc import Callable, Mapping
from typing import Any

from service.console.finding.profile_pages import profile_page
from service.console.finding.segment_pages import HERE, profile_path
from service.console.page import Moved, Reaction, Visit
from service.console.texts import speaker
from service.console.trying.typed import read_moment
from service.errors import Conflict, Forbidden, InvalidRequest, ServiceError
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.hold import end_hold, place_hold
from service.operations.evaluate import Request
from service.operations.manual import set_tag

TAGGERS = frozenset({"evaluator", "admin"})
ADMINS = frozenset({"admin"})


class Lacking(Exception):  # not an error of the service: the form is shown again
    """What a form says is not enough; the name of the sentence that says so."""


def act_profile(visit: Visit) -> Reaction:
    """Do what a button of the page says."""
    roles, act = ACTS.get(visit.form.get("do", ""), (TAGGERS, _nothing))
    if not visit.caller.roles & roles:
        raise Forbidden(", ".join(sorted(roles)))
    try:
        return act(visit)
    except Lacking as lacking:
        return profile_page(visit, speaker(visit.language)(str(lacking)))
    except (InvalidRequest, Conflict) as refused:
        return profile_page(visit, _words(refused), 409 if isinstance(refused, Conflict) else 422)


def _words(refused: ServiceError) -> str:
    errors = getattr(refused, "errors", ())
    return "; ".join(one.message for one in errors) or refused.detail


def _tag(visit: Visit) -> Reaction:
    form, profile_id = visit.form, visit.path["profile_id"]
    if not form.get("reason", "").strip():
        raise Lacking("profile.needs_reason")
    body: dict[str, Any] = {
        "ruleset": form.get("ruleset", ""),
        "state": form.get("state", ""),
        "reason": form.get("reason", "").strip(),
    }
    if form.get("expires_at") and body["state"] != "released":
        body["expires_at"] = read_moment(form["expires_at"])
    set_tag(visit.service, profile_id, form.get("tag", ""), Request(body=body, caller=visit.caller))
    return Moved(profile_path(profile_id), "profile.tagged")


def _hold(visit: Visit) -> Reaction:
    profile_id, reason = visit.path["profile_id"], visit.form.get("reason", "").strip()
    if not reason:
        raise Lacking("profile.needs_reason")
    place_hold(visit.service, profile_id, {"reason": reason}, visit.caller)
    return Moved(profile_path(profile_id), "profile.held")


def _let_go(visit: Visit) -> Reaction:
    end_hold(visit.service, visit.path["profile_id"], visit.caller)
    return Moved(profile_path(visit.path["profile_id"]), "profile.let_go")


def _erase(visit: Visit) -> Reaction:
    profile_id, form = visit.path["profile_id"], visit.form
    if form.get("confirm", "").strip() != profile_id:
        raise Lacking("profile.needs_id")
    if not form.get("ground", "").strip():
        raise Lacking("profile.needs_reason")
    erased = erase_profile(visit.service, profile_id, {"ground": form["ground"].strip()}, visit.caller)
    return Moved(HERE, "profile.erased", {"entry": erased.entry})


def _nothing(visit: Visit) -> Reaction:
    return Moved(profile_path(visit.path["profile_id"]))


ACTS: Mapping[str, tuple[frozenset[str], Callable[[Visit], Reaction]]] = {
    "tag": (TAGGERS, _tag),
    "hold": (ADMINS, _hold),
    "let-go": (ADMINS, _let_go),
    "erase": (ADMINS, _erase),
}
"""What each button does, and who may press it."""
