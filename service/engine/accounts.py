"""What one run found -> how each score came about, where each tier stands, and why actions fired or were lost.

Data beside the sentences: every number that a reader may want to add up. Source: docs/language.md, "Scores", "Tiers",
"Actions".
"""

from decimal import Decimal
from typing import Any

from service.engine.actions import is_rested
from service.engine.decision import Decision, Outcome
from service.engine.run import Run
from service.engine.sentences import Sentences, sentence
from service.engine.wording import period_words, reason
from service.language.canonical import plain_number
from service.language.diagnostics import Words
from service.language.diff.wording import listed
from service.language.functions import CONTEXT, HUNDRED, ONE, ZERO, bounded, points_at
from service.language.instants import add, write_instant
from service.language.model import Score
from service.language.program import ActionPlan, ComponentRule, TierPlan

PLACES = Decimal("0.0001")


def explain_score(say: Sentences, score: Score) -> dict[str, Any]:
    """A score with its parts: what each observed, its points (0-100), its weight, and what it adds to the score.

    `share` is the part of the whole weight (0-1) that it had in this result, `adds` its points times that share; a part
    that is unknown has neither, and names the missing attributes.
    """
    value, coverage = say.run.scores[score.key]
    rules = say.program.rules.scores[score.key]
    points = [points_of(say, rule) for rule in rules]
    base = _base(score, rules, points)
    parts = []
    for one, rule, found in zip(score.components, rules, points, strict=True):
        share = None if value is None or found is None else CONTEXT.divide(rule.weight, base)
        parts.append(
            {
                "key": one.key,
                "title": say.titles.of(f"part of {score.key}", one.key),
                "weight": rule.weight,
                "observed": say.walk.value(rule.tree),
                "points": found,
                "share": _rounded(share),
                "adds": None if share is None or found is None else _rounded(CONTEXT.multiply(share, found)),
                "missing": sorted(say.walk.blame(rule.tree)),
            }
        )
    return {
        "kind": "score",
        "key": score.key,
        "value": value,
        "coverage": _rounded(coverage),
        "minimum_coverage": Decimal(str(score.minimum_coverage)),
        "missing": score.missing,
        "sentence": _score_sentence(say, score, parts),
        "components": parts,
    }


def points_of(say: Sentences, rule: ComponentRule) -> Decimal | None:
    """The points of one component, 0-100."""
    number = say.walk.value(rule.tree)
    if rule.points is None:
        return bounded(number)
    starts = tuple(start for start, _ in rule.points if start is not None)
    return points_at(number, starts, tuple(points for _, points in rule.points))


def _base(score: Score, rules: tuple[ComponentRule, ...], points: list[Decimal | None]) -> Decimal:
    """The weight that a score is divided by."""
    known = [rule.weight for rule, one in zip(rules, points, strict=True) if one is not None]
    return sum(known if score.missing == "reweight" else [rule.weight for rule in rules], ZERO)


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(PLACES, context=CONTEXT).normalize(CONTEXT)


def _score_sentence(say: Sentences, score: Score, parts: list[dict[str, Any]]) -> Words:
    value, coverage = say.run.scores[score.key]
    reasons = [_part_reason(say, one) for one in parts]
    known = [one for one in parts if one["points"] is not None]
    if value is None:
        reasons = [one for one, part in zip(reasons, parts, strict=True) if part["points"] is None]
        if score.missing == "unknown":
            reasons.append(reason("all-needed"))
        elif known:
            least = Decimal(str(score.minimum_coverage))
            reasons.append(reason("coverage", coverage=_percent(coverage), least=_percent(least)))
    elif len(known) < len(parts):
        reasons.append(reason("zero" if score.missing == "zero" else "reweight"))
    blanks = {"name": say.titles.of("score", score.key), "reason": listed(reasons)}
    if value is None:
        return sentence("score/unknown", **blanks)
    return sentence("score/known", **blanks, value=plain_number(value))


def _part_reason(say: Sentences, part: dict[str, Any]) -> Words:
    if part["points"] is None:
        missing = part["missing"]
        if not missing:
            return reason("component-unknown", name=part["title"])
        return reason("component-missing", name=part["title"], missing=say.wording.missing(set(missing)))
    shown = plain_number(_rounded(part["points"]) or ZERO)
    share = part["share"]
    return reason("component", name=part["title"], value=shown, share=_percent(share if share is not None else ZERO))


def _percent(share: Decimal) -> str:
    return f"{plain_number(CONTEXT.multiply(share, HUNDRED).quantize(ONE / 10, context=CONTEXT))} %"


def explain_tier(say: Sentences, plan: TierPlan) -> dict[str, Any]:
    """Where a tier stands: its band and input, how far the next bands are, and the moves that wait.

    `up` and `down` have the neighbouring `band`, the `threshold` that the input must reach, or fall below, and the
    `distance` to it; a distance of zero or less says that the input is past it. Unknown is `null`.
    """
    run, key = say.run, plan.tier.key
    number = say.walk.value(say.program.rules.tiers[key])
    place = run.tiers.get(key)
    present = None if place is None else plan.keys.index(place.band)
    return {
        "kind": "tier",
        "key": key,
        "band": None if place is None else place.band,
        "since": None if place is None else write_instant(place.since),
        "input": number,
        "up": _up(plan, present, number),
        "down": _down(plan, present, number),
        "waits": _waits(run, plan, present),
    }


def _up(plan: TierPlan, present: int | None, number: Decimal | None) -> dict[str, Any] | None:
    following = 0 if present is None else present + 1
    if following >= len(plan.keys) or present is None:
        return None
    edge = plan.edges[following - 1]
    distance = None if number is None else CONTEXT.subtract(edge, number)
    return {"band": plan.keys[following], "threshold": edge, "distance": distance}


def _down(plan: TierPlan, present: int | None, number: Decimal | None) -> dict[str, Any] | None:
    start = None if present is None else plan.starts[present]
    if present is None or start is None:
        return None
    edge = CONTEXT.subtract(start, plan.margin)
    distance = None if number is None else CONTEXT.subtract(number, edge)
    return {"band": plan.keys[present - 1], "threshold": edge, "distance": distance}


def _waits(run: Run, plan: TierPlan, present: int | None) -> list[dict[str, Any]]:
    """The moves that have begun to wait."""
    place = run.tiers.get(plan.tier.key)
    if place is None or present is None:
        return []
    moves = [(band, start, plan.tier.rise_after) for band, start in place.rises]
    if place.fall is not None:
        moves.append((plan.keys[present - 1], place.fall, plan.tier.fall_after))
    found = []
    for band, start, period in moves:
        due = add(start, period, run.where)
        found.append({"to": band, "since": write_instant(start), "due_at": None if due is None else write_instant(due)})
    return found


def explain_actions(say: Sentences, outcome: Outcome, *, quiet: bool, rules_fire: bool) -> list[dict[str, Any]]:
    """The actions whose change came: which fired, and why the others did not."""
    changes = {(one.kind, one.key, one.target): one for one in outcome.decisions}
    found = []
    for plan in say.program.actions:
        fitting = [changes[one] for one in plan.triggers if one in changes]
        if not fitting:
            continue
        fired = next((one for one in outcome.actions if one.key == plan.action.key), None)
        counted = [one for one in fitting if rules_fire or one.cause != "rules"]
        change = (counted or fitting)[0]
        lost = None if fired else _lost(say, plan, quiet=quiet, counts=bool(counted))
        name = say.titles.of("action", plan.action.key)
        words = (
            sentence("action/fired", name=name, change=_change(say, change))
            if lost is None
            else sentence("action/lost", name=name, change=_change(say, change), reason=lost[1])
        )
        on = {"kind": change.kind, "key": change.key, "to": change.target}
        found.append(
            {
                "kind": "action",
                "key": plan.action.key,
                "fired": lost is None,
                "on": on,
                "lost": lost and lost[0],
                "sentence": words,
            }
        )
    return found


def _lost(say: Sentences, plan: ActionPlan, *, quiet: bool, counts: bool) -> tuple[str, Words]:
    """What kept an action from firing: a word and its sentence."""
    run, action = say.run, plan.action
    if quiet:
        return "quiet", reason("quiet")
    if not counts:
        return "rules", reason("rules")
    if not is_rested(run, plan, run.before.fired) and action.cooldown is not None:
        fired = say.wording.instant(run.before.fired[action.key])
        return "cooldown", reason("cooldown", fired=fired, period=period_words(action.cooldown))
    tree = say.program.rules.actions[action.key]
    assert tree is not None, action.key
    word = "undetermined" if say.walk.value(tree) is None else "when"
    return word, reason("condition", reason=say.wording.because(tree))


def _change(say: Sentences, one: Decision) -> Words:
    """A change as what an action fired on."""
    if one.kind == "tag":
        return reason("change/tag", name=say.titles.of("tag", one.key))
    if one.kind == "tier":
        target = say.titles.of(f"band of {one.key}", str(one.target))
        return reason("change/tier", name=say.titles.of("tier", one.key), target=target)
    return reason("change/stage", target=say.titles.of("stage", str(one.target)))
