"""The page "Review and publish": what a draft changes, what is found, who would move, and whose turn it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.console.page import Reaction, Shown, Visit
from service.console.reviewing.changes import tell_changes
from service.console.reviewing.heads import head_of, names_of, published_or_none
from service.console.reviewing.impact import ImpactView, view_impact
from service.console.reviewing.looking import Look, look_at, marked, place_words, rule_titles
from service.console.reviewing.steps import STEPS, steps_of
from service.console.reviewing.working import NO_WORK, Work, work_on
from service.console.texts import Speaker, speaker
from service.console.trying.beginnings import READERS
from service.language.diagnostics import Diagnostic, Severity
from service.operations.authoring import prove, simulate
from service.operations.authoring.drafts import editors_of
from service.operations.authoring.prove import proven_warnings
from service.operations.authoring.release import MOVED_SHARE
from service.operations.authoring.settings import SINGLE_PERSON, setting
from service.operations.authoring.stamps import stamp
from service.operations.programs import Published
from service.operations.publish import read_standing

APPLY = ("on_next_evaluation", "now_quietly", "now")
SAMPLE = 10_000
"""How many profiles a sample draws."""
PARTS = {"impact": "review_impact.html", "proofs": "review_proofs.html"}
"""What a script asks for while a job runs."""


def show_review(visit: Visit) -> Reaction:
    """What a draft changes and whose turn it is; or a part of that, while a job runs."""
    part = visit.query.get("part", "")
    if visit.is_fragment and part in PARTS:
        return Shown(PARTS[part], review_values(visit))
    return Shown("review.html", review_values(visit))


def review_values(visit: Visit, **more: Any) -> dict[str, Any]:
    """Everything that the page shows; `more` stands over it."""
    key, service = visit.path["key"], visit.service
    values: dict[str, Any] = {**head_of(visit, key), "trouble": "", "warned": (), "form": visit.form, **more}
    draft = values["draft"]
    if draft is None:
        return values
    t, look, published = speaker(visit.language), look_at(draft.document), published_or_none(visit, key)
    base, is_single, before = service.store.read(
        lambda reads: (
            read_standing(reads, key, service.clock()).version,
            setting(reads, SINGLE_PERSON),
            reads.version(key, published.version) if published else None,
        )
    )
    work, proofs = _works(visit, look, published)
    impact = _impact(look, published, work, t)
    has_errors = bool(look.of(Severity.ERROR))
    steps = steps_of(
        draft,
        visit.caller.actor,
        visit.caller.roles,
        has_errors=has_errors,
        is_base=draft.state not in {"submitted", "approved"} or draft.base_version == base,
        is_single=is_single,
    )
    return values | {
        "stamp": stamp(draft),
        "changes": tell_changes(before and before.document, draft.document, t),
        "base_version": published and published.version,
        "findings": _findings(look, t),
        "look": look,
        "untested": rule_titles(look, look.untested, t.language),
        "work": work,
        "impact": impact,
        "proofs": proofs,
        "proven": _proven(look, proofs, t),
        "steps": steps,
        "all_steps": STEPS,
        "editors": editors_of(draft),
        "people": names_of(visit, (*editors_of(draft), draft.submitted_by, draft.reviewed_by)),
        "warnings": _warnings(visit, look, impact, values["warned"], t),
        "apply_choices": APPLY,
        "sample": SAMPLE,
        "may_open": bool(visit.caller.roles & READERS),
        "may_work": bool(visit.caller.roles & {"editor", "publisher"}),
    }


def _works(visit: Visit, look: Look, published: Published | None) -> tuple[Work, Work]:
    """The simulation and the proofs of a draft."""
    simulated, proofs = NO_WORK, NO_WORK
    if look.digest:
        about = visit.service, visit.path["key"]
        proofs = work_on(*about, prove.KIND, (look.digest, None), visit.language)
        if published:
            simulated = work_on(*about, simulate.KIND, (look.digest, published.digest), visit.language)
    return simulated, proofs


def _impact(look: Look, published: Published | None, work: Work, t: Speaker) -> ImpactView | None:
    if work.found is None or look.program is None or published is None:
        return None
    return view_impact(work.found, look.program, published.program, t)


def _findings(look: Look, t: Speaker) -> list[dict[str, Any]]:
    """Errors first, then warnings, then hints."""
    return [_finding(look, one, t) for severity in Severity for one in look.of(severity)]


def _finding(look: Look, one: Diagnostic, t: Speaker) -> dict[str, Any]:
    return {
        "severity": str(one.severity),
        "message": marked(one.message[t.language]),
        "help": one.help and marked(one.help[t.language]),
        "place": marked(place_words(look.document, one.pointer, t)),
    }


def _proven(look: Look, proofs: Work, t: Speaker) -> list[dict[str, Any]]:
    """What was proven, with who shows it."""
    return [
        {
            "severity": one["severity"],
            "message": marked(one["message"][t.language]),
            "help": one["help"] and marked(one["help"][t.language]),
            "place": marked(place_words(look.document, one["pointer"], t)),
            "witness": one["witness"] and _witness(look, one["witness"], t),
        }
        for one in (proofs.found or {}).get("findings", ())
    ]


def _witness(look: Look, witness: Mapping[str, Any], t: Speaker) -> dict[str, Any]:
    """A profile that shows a finding: when, and its attributes by their titles."""
    assert look.program is not None
    titles = {one.key: t.text(one.title, one.key) for one in look.program.ruleset.attributes}
    return {
        "at": witness["at"],
        "steps": len(witness["steps"]),
        "attributes": [(titles.get(key, key), _shown(value, t)) for key, value in witness["attributes"].items()],
    }


def _shown(value: Any, t: Speaker) -> str:
    """A value of an attribute as people read it."""
    if isinstance(value, bool):
        return t("review.yes" if value else "review.no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or t("impact.nothing")
    return t("impact.nothing") if value is None else str(value)


def _warnings(
    visit: Visit, look: Look, impact: ImpactView | None, told: Sequence[Mapping[str, Any]], t: Speaker
) -> list[tuple[str, list[Any]]]:
    """What the publisher must answer for, by code with its messages: what is known, and what the refusal named."""
    found: dict[str, dict[str, Any]] = {}
    proven = visit.service.store.read(lambda reads: proven_warnings(reads, look.digest or ""))
    known = [(one.code, one.message) for one in look.of(Severity.WARNING)]
    known += [(one["code"], one["message"]) for one in (*proven, *told)]
    for code, message in known:
        said = message[t.language]
        found.setdefault(code, {})[said] = marked(said)
    if impact is not None and impact.is_above and MOVED_SHARE not in found:
        said = t("review.moved_share", share=impact.high, limit=impact.limit)
        found[MOVED_SHARE] = {said: marked(said)}
    return [(code, list(messages.values())) for code, messages in found.items()]


def refused(visit: Visit, trouble: str, warned: Sequence[Mapping[str, Any]] = (), status: int = 409) -> Shown:
    """The page again, with what stands in the way."""
    return Shown("review.html", review_values(visit, trouble=trouble, warned=warned), status)
