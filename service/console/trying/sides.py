"""What each version made of a trial -> the panels of a page, one for each moment, and the picture over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from service.audit.record import decision_json, outcome_json
from service.console.naming import Names
from service.console.pictures.lives import Span, life_picture, place_of
from service.console.telling import Told, explained, scores_of, standing
from service.console.texts import Speaker
from service.engine.decision import Outcome
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.engine.worlds import Budget, world_of
from service.operations.auditing.explain import About, explanation_of, in_language
from service.operations.authoring.tryout import Moment, Side

MOST_LANES = 8
WIDE, TAIL = 720.0, 0.06
"""How wide a picture is, and what share of the time it goes on behind the last instant, to show what holds then."""
TRIALS, MORE_TRIALS = 400, 2_500
"""How many runs may be spent on what would have been nearest: for all that is not so, and for what is asked about."""
Focus = tuple[str, str] | None
"""Of which decision, by kind and key, the nearest changes are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One version's part of the page. `panels` have the first and last place of the slider that they stand for."""

    word: str
    version: int
    panels: Sequence[Told] = ()
    why: Told | None = None
    picture: Markup | None = None
    places: str = ""
    refused: str = ""


def instants_of(sides: Sequence[Side]) -> list[int]:
    """Every instant at which any version decided, in order: the places of the slider."""
    return sorted({moment.outcome.at for side in sides for moment in side.moments})


def asked_of(sides: Sequence[Side], instants: Sequence[int]) -> int:
    """The place of the slider at which the trial itself was decided."""
    for side in sides:
        if side.moments:
            return instants.index(side.moments[side.asked].outcome.at)
    return 0


def view_side(side: Side, t: Speaker, instants: Sequence[int], here: int, focus: Focus) -> Shown:
    """One version's part, explained at one place of the slider."""
    published = side.published
    word = "active" if published.version else "draft"
    if side.refused is not None:
        return Shown(word=word, version=published.version, refused=side.refused.detail)
    names = Names(published.program, t)
    spans = _panels_of(side, instants)
    panels = [
        {**_panel(names, side, place), "first": first, "last": last, "is_here": first <= here <= last}
        for place, first, last in spans
    ]
    chosen = next((place for place, first, last in spans if first <= here <= last), None)
    return Shown(
        word=word,
        version=published.version,
        panels=panels,
        why=None if chosen is None else _why(names, side, chosen, focus),
        picture=_picture(names, side, instants, here) if len(instants) > 1 else None,
        places=",".join(f"{place_of(_share(at, instants), WIDE):.1f}" for at in instants),
    )


def _panels_of(side: Side, instants: Sequence[int]) -> list[tuple[int, int, int]]:
    """Each moment that can be seen, with the places of the slider from and to which it lasts."""
    places = [instants.index(moment.outcome.at) for moment in side.moments]
    ends = [*(one - 1 for one in places[1:]), len(instants) - 1]
    return [(place, first, last) for place, (first, last) in enumerate(zip(places, ends, strict=True)) if first <= last]


def _panel(names: Names, side: Side, place: int) -> Told:
    """One moment: how the profile stands, and what changed or begins to wait."""
    moment, t = side.moments[place], names.t
    outcome, published = moment.outcome, side.published
    shown = outcome_json(outcome, published.tags, published.instants)
    together = [one.outcome for one in side.moments[: place + 1] if one.outcome.at == outcome.at]
    return {
        "at": names.instant(outcome.at),
        "is_asked": place == side.asked,
        "is_ahead": place > side.asked,
        **standing(names, shown),
        "sentences": [found for each in together for found in _sentences(each, t)],
        "open": [_say(outcome).of(one)[t.language] for one in outcome.standing],
        "actions": [(names.of("action", one.key), one.key) for each in together for one in each.actions],
    }


def _say(outcome: Outcome) -> Sentences:
    return Sentences(outcome.run, Walk(outcome.run))


def _sentences(outcome: Outcome, t: Speaker) -> list[tuple[str, Told]]:
    """Each change of a decision, with its sentence."""
    say = _say(outcome)
    return [(say.of(one)[t.language], decision_json(one)) for one in outcome.decisions]


def _why(names: Names, side: Side, place: int, focus: Focus) -> Told:
    """Why everything came out as it did at one moment."""
    moment: Moment = side.moments[place]
    world = world_of(moment.outcome.run, moment.facts)
    world.budget = Budget(TRIALS)
    explanation = explanation_of(side.published, moment.outcome, world)
    told: dict[str, Any] = explanation.told(About(), quiet=False, rules_fire=False)
    if focus is not None:
        world.budget = Budget(MORE_TRIALS)
        found = explanation.told(About(*focus), quiet=False, rules_fire=False)["decisions"]
        better = {(one["kind"], one["key"]): one for one in found}
        told["decisions"] = [better.get((one["kind"], one["key"]), one) for one in told["decisions"]]
    told = in_language(told, names.t.language)
    return {
        "decisions": explained(names, told["decisions"], focus),
        "scores": scores_of(names, told["scores"]),
        "actions": told["actions"],
    }


def _picture(names: Names, side: Side, instants: Sequence[int], here: int) -> Markup:
    """Stage and tags over time."""
    ends = names.instant(instants[0])[:10], names.instant(instants[-1])[:10]
    title = names.t("try.picture")
    return life_picture(title, _lanes(names, side, instants), ends, _share(instants[here], instants), WIDE)


def _lanes(names: Names, side: Side, instants: Sequence[int]) -> list[tuple[str, list[Span]]]:
    program = names.program
    lanes = []
    if program.lifecycle is not None:
        order = list(program.lifecycle.leaving)
        stages = [moment.outcome.stage for moment in side.moments]
        spans = [
            Span(start, end, names.of("stage", stage), order.index(stage) if stage in order else 0)
            for start, end, stage in _runs(side, instants, stages)
            if stage is not None
        ]
        lanes.append((names.t("decision.stage"), spans))
    held = dict.fromkeys(key for moment in side.moments for key in moment.outcome.tags)
    for turn, key in enumerate(list(held)[:MOST_LANES]):
        runs = _runs(side, instants, [key in moment.outcome.tags for moment in side.moments])
        spans = [Span(start, end, names.of("tag", key), turn + 5) for start, end, is_held in runs if is_held]
        lanes.append((names.of("tag", key), spans))
    return lanes


def _runs(side: Side, instants: Sequence[int], values: Sequence[Any]) -> list[tuple[float, float, Any]]:
    """From where to where (0-1) something had one value."""
    found: list[tuple[float, float, Any]] = []
    starts = [_share(moment.outcome.at, instants) for moment in side.moments]
    for start, end, value in zip(starts, [*starts[1:], 1.0], values, strict=True):
        if found and found[-1][2] == value:
            found[-1] = (found[-1][0], end, value)
        else:
            found.append((start, end, value))
    return found


def _share(at: int, instants: Sequence[int]) -> float:
    """Where an instant stands in the whole time, 0-1."""
    whole = (instants[-1] - instants[0]) * (1 + TAIL)
    return (at - instants[0]) / whole if whole else 0.0
