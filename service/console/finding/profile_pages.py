"""The page of one profile: how it stands, what is known, what it went through, and why or why not."""

import json
from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from service.console.finding.segment_pages import profile_path
from service.console.naming import Names, field_instant, utc
from service.console.page import Reaction, Shown, Visit
from service.console.telling import changed, explained, facts_of, standing
from service.console.texts import speaker
from service.console.trying.typed import read_moment
from service.errors import Conflict, InvalidRequest, ServiceError
from service.language.instants import read_instant
from service.operations.auditing.as_of import Instants, read_profile_as_of
from service.operations.auditing.explain import WhyNot, explain_absence
from service.operations.auditing.find import Filter, list_decisions, read_timeline
from service.operations.auditing.hold import hold_json
from service.operations.auditing.sentences import sentences_of
from service.operations.profiles import read_profile
from service.operations.replies import json_text

ON_A_PAGE = 20


def show_profile(visit: Visit) -> Reaction:
    """One profile, now or as of an instant."""
    return profile_page(visit)


def profile_page(visit: Visit, wrong: str = "", status: int = 422) -> Shown:
    """The page; `wrong` says why what was asked for could not be done."""
    service, profile_id = visit.service, visit.path["profile_id"]
    then, trouble = _then(visit)
    found = read_profile(service, profile_id, None)
    if then is not None:
        try:
            found = read_profile_as_of(service, profile_id, None, then)
        except ServiceError as refused:
            then, trouble = None, refused.errors[0].message if isinstance(refused, InvalidRequest) else refused.detail
    hold = service.store.read(lambda reads: reads.erasing.hold(profile_id))
    cards = [_card(visit, one) for one in found["rulesets"]]
    why, why_trouble = _why(visit, cards, then)
    values = {
        "profile_id": profile_id,
        "path": profile_path(profile_id),
        "cards": cards,
        "then": then is not None,
        "as_of": visit.query.get("as_of", ""),
        "trouble": wrong or trouble or why_trouble,
        "hold": hold and {**hold_json(hold), "since": utc(hold_json(hold)["placed_at"])},
        "why": why,
        "asked": visit.query.get("why", ""),
        **_timeline(visit, profile_id, cards),
        "form": visit.form,
        "names": {card["key"]: card["title"] for card in cards},
    }
    return Shown("profile.html", values, status if wrong else 200)


def _then(visit: Visit) -> tuple[Instants | None, str]:
    """The instant in the past that is asked about, in UTC where it names no offset."""
    text = visit.query.get("as_of", "").strip()
    if not text:
        return None, ""
    try:
        return Instants(read_instant(read_moment(text), UTC)), ""
    except ValueError:
        return None, speaker(visit.language)("profile.no_instant")


def _card(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    """How the profile stands under one ruleset."""
    t, programs = speaker(visit.language), visit.service.programs
    key = one["ruleset"]["key"]
    program = programs.published(key, one["ruleset"]["version"]).program
    present = programs.latest(key).program
    names, facts = Names(program, t), _plain(one["attributes"])
    return {
        **standing(names, one),
        "key": key,
        "title": t.text(program.ruleset.title, key),
        "version": one["ruleset"]["version"],
        "at": names.instant(one["at"]),
        "evaluation_id": one["evaluation_id"],
        "since_stage": names.instant(one["since"]["stage"]),
        "since_tags": {tag: names.instant(at) for tag, at in one["since"]["tags"].items()},
        "overrides": [
            {**said, "title": names.of("tag", tag), "since": names.instant(said["since"])}
            | {"expires": names.instant(said["expires_at"])}
            for tag, said in one["overrides"].items()
        ],
        "facts": facts_of(names, facts),
        "goals": _goals(Names(present, t)),
        "manual": [(tag, names.of("tag", tag)) for tag, plan in present.tags.items() if plan.tag.manual != "no"],
        "names": names,
        "now": field_instant(visit.service.clock(), present),
    }


def _plain(document: Any) -> Mapping[str, Any]:
    """Facts as values, also where they stand as text that is handed on."""
    if isinstance(document, Mapping):
        return document
    facts: Mapping[str, Any] = json.loads(json_text(document), parse_float=Decimal)
    return facts


def _goals(names: Names) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be asked about: stages, tags and bands, by their kind."""
    program, t = names.program, names.t
    stages = program.lifecycle.leaving if program.lifecycle else ()
    groups = [
        (t("decision.stage"), [(f"stage:{key}", names.of("stage", key)) for key in stages]),
        (t("profile.tags"), [(f"tag:{key}", names.of("tag", key)) for key in program.tags]),
        *(
            (names.of("tier", key), [(f"tier:{key}:{band}", names.of(f"band of {key}", band)) for band in plan.keys])
            for key, plan in program.tiers.items()
        ),
    ]
    return [(title, options) for title, options in groups if options]


def _why(visit: Visit, cards: list[dict[str, Any]], then: Instants | None) -> tuple[dict[str, Any] | None, str]:
    """The answer to "why" or "why not", if it is asked."""
    ruleset, _, rest = visit.query.get("why", "").partition("/")
    kind, _, key = rest.partition(":")
    card = next((one for one in cards if one["key"] == ruleset), None)
    if card is None or kind not in {"stage", "tag", "tier"}:
        return None, ""
    question = WhyNot(ruleset, **{kind: key}, at=then and then.at)  # type: ignore[arg-type]
    try:
        told = explain_absence(visit.service, visit.path["profile_id"], question, visit.language)
    except InvalidRequest as refused:
        return None, refused.errors[0].message
    except Conflict as refused:
        return None, refused.detail
    names: Names = card["names"]
    one = explained(names, [told["decision"]])[0][1][0]
    came = _came(visit, ruleset, told, names) if told["holds"] else None
    aim = names.of({"stage": "stage", "tag": "tag"}.get(kind, f"band of {told['key']}"), _aim(told))
    return {
        **one,
        "holds": told["holds"],
        "ruleset": ruleset,
        "aim": aim,
        "came": came,
        "at": names.instant(told["at"]),
    }, ""


def _came(visit: Visit, ruleset: str, told: Mapping[str, Any], names: Names) -> Mapping[str, Any] | None:
    """The newest change that brought about what holds, up to the instant that is asked about."""
    equal = {"profile_id": visit.path["profile_id"], "ruleset": ruleset, "kind": told["kind"], "key": told["key"]}
    upto = read_instant(told["at"], UTC) + 1
    wanted = Filter({**equal, "target": told["target"]}, (None, upto), everything=False)
    rows, _ = list_decisions(visit.service, wanted, None, 1)
    if not rows:
        return None
    said = sentences_of(visit.service, [rows[0]["evaluation_id"]]).get(rows[0]["id"])
    return changed(names, rows[0], None if said is None else said[visit.language])


def _aim(told: Mapping[str, Any]) -> str:
    return str(told["key"] if told["kind"] == "tag" else told["target"])


def _timeline(visit: Visit, profile_id: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """What the profile went through, newest first, with a sentence for each change."""
    ruleset, cursor = visit.query.get("of") or None, visit.query.get("cursor")
    rows, following = read_timeline(visit.service, profile_id, ruleset, cursor, ON_A_PAGE)
    said = sentences_of(visit.service, [row["evaluation_id"] for row in rows])
    t = speaker(visit.language)
    names = {card["key"]: card["names"] for card in cards}
    shown = []
    for row in rows:
        known = names.get(row["ruleset"]) or Names(visit.service.programs.latest(row["ruleset"]).program, t)
        sentence = said.get(row["id"])
        shown.append(changed(known, row, None if sentence is None else sentence[visit.language]))
    after = {"cursor": following} | ({"of": ruleset} if ruleset else {})
    return {"timeline": shown, "of": ruleset or "", "next": "?" + urlencode(after) if following else None}
