"""What is done on the page "Review and publish": each button is one of the operations that the API has too.

Every form carries the revision that its page showed, so that nothing is approved or published unseen.
"""

from collections.abc import Callable, Mapping
from typing import Any

from service.console.page import Moved, Reaction, Visit
from service.console.review_pages import APPLY, SAMPLE, refused
from service.console.reviewing.heads import head_of
from service.console.reviewing.steps import EDITORS, PUBLISHERS
from service.console.texts import speaker
from service.errors import Conflict, Forbidden, InvalidRequest, RulesetRejected
from service.language.instants import read_instant, write_instant, zone
from service.operations.authoring.prove import prove_draft
from service.operations.authoring.release import publish_draft
from service.operations.authoring.review import approve_draft, reject_draft, submit_draft
from service.operations.authoring.simulate import simulate_draft
from service.operations.ports import Caller
from service.operations.service import Service

AUTHORS = EDITORS | PUBLISHERS
MOST_WORDS = 2_000


class Lacking(Exception):  # not an error of the service: the form is shown again
    """A field of the form says too little; the name of the sentence that says so."""


def act_review(visit: Visit) -> Reaction:
    """Take one step with a draft."""
    roles, act = ACTS.get(visit.form.get("do", ""), (AUTHORS, _nothing))
    if not visit.caller.roles & roles:
        raise Forbidden(", ".join(sorted(roles)))
    t = speaker(visit.language)
    try:
        return act(visit)
    except Lacking as lacking:
        return refused(visit, t(str(lacking)), status=422)
    except RulesetRejected:
        return refused(visit, t("trouble.draft-errors"))
    except InvalidRequest as wrong:
        return refused(visit, "; ".join(one.message for one in wrong.errors), status=422)
    except Conflict as conflict:
        name = f"trouble.{conflict.code}"
        warned: Any = conflict.more.get("warnings", ())
        return refused(visit, t(name) if t.knows(name) else conflict.detail, warned)


def _submit(visit: Visit) -> Reaction:
    submit_draft(*_draft(visit))
    return _back(visit, "review.submitted")


def _approve(visit: Visit) -> Reaction:
    approve_draft(*_draft(visit))
    return _back(visit, "review.approved")


def _reject(visit: Visit) -> Reaction:
    service, key, caller, held = _draft(visit)
    reject_draft(service, key, {"reason": words_of(visit, "reason", "review.reason_needed")}, caller, held)
    return _back(visit, "review.rejected")


def _publish(visit: Visit) -> Reaction:
    service, key, caller, held = _draft(visit)
    apply = visit.form.get("apply", "")
    body: dict[str, Any] = {
        "comment": words_of(visit, "comment", "review.comment_needed"),
        "acknowledge": sorted(set(visit.lists("acknowledge"))),
        "apply": apply if apply in APPLY else None,
    }
    if visit.form.get("when") == "later":
        body["effective_at"] = _instant(visit)
    done = publish_draft(service, key, body, caller, held)
    facts = {"version": done.row.version, "at": write_instant(done.row.effective_at)[:16].replace("T", " ")}
    message = "review.scheduled" if done.is_scheduled else "review.published"
    return Moved(f"/console/rulesets/{key}/versions", message, facts)


def _simulate(visit: Visit) -> Reaction:
    body = {"sample": {"size": SAMPLE}} if visit.form.get("of") == "sample" else {}
    simulate_draft(visit.service, visit.path["key"], body, visit.caller)
    return _back(visit, None, "#impact")


def _prove(visit: Visit) -> Reaction:
    prove_draft(visit.service, visit.path["key"], visit.caller)
    return _back(visit, None, "#proofs")


def _nothing(visit: Visit) -> Reaction:
    return _back(visit, None)


ACTS: Mapping[str, tuple[frozenset[str], Callable[[Visit], Reaction]]] = {
    "submit": (EDITORS, _submit),
    "approve": (PUBLISHERS, _approve),
    "reject": (PUBLISHERS, _reject),
    "publish": (PUBLISHERS, _publish),
    "simulate": (AUTHORS, _simulate),
    "prove": (AUTHORS, _prove),
}
"""What each button does, and whose it is."""


def _draft(visit: Visit) -> tuple[Service, str, Caller, str | None]:
    return visit.service, visit.path["key"], visit.caller, visit.form.get("stamp") or None


def words_of(visit: Visit, name: str, otherwise: str) -> str:
    """What was written into a field that must not be empty."""
    found = visit.form.get(name, "").strip()[:MOST_WORDS]
    if not found:
        raise Lacking(otherwise)
    return found


def _instant(visit: Visit) -> str:
    """The instant of the form's date and time, on the ruleset's wall clock."""
    where = zone(head_of(visit, visit.path["key"])["timezone"])
    text = visit.form.get("at", "")
    try:
        at = read_instant(f"{text}:00" if text.count(":") == 1 else text, where)
    except ValueError:
        raise Lacking("review.at_needed") from None
    if at <= visit.service.clock():
        raise Lacking("review.at_passed")
    return write_instant(at)


def _back(visit: Visit, message: str | None, place: str = "") -> Moved:
    return Moved(f"/console/rulesets/{visit.path['key']}/review{place}", message)
