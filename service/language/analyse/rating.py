"""A score -> its term: the weighted mean of what is known, without multiplying two things that vary.

The mean is the number m for which the weighted differences from m of the known components cancel out.
Source: docs/language.md, "Scores".
"""

from decimal import Decimal
from typing import Any

from service.language.analyse.terms import Term
from service.language.analyse.world import SLACK, World
from service.language.model import Score
from service.language.plans import Weights
from service.language.program import ComponentRule

HUNDRED = 100


def encode_score(world: World, key: str) -> Term:
    """A score's value, rounded half up."""
    return world.piece(("score", key), lambda: rated(world, key))


def coverage(world: World, key: str) -> Any:
    """The known share of a score's weight, 0 to 1."""
    plan, terms, _ = parts_of(world, key)
    solver = world.solver
    shares = []
    for part, term, weight in zip(world.rules.scores[key], terms, plan.weights, strict=True):
        inner = 1 if part.of_score is None else coverage(world, part.of_score)
        shares.append(solver.choose(term.known, inner * solver.number(weight), 0))
    return solver.ratio(solver.total(shares), solver.number(plan.total))


def parts_of(world: World, key: str) -> tuple[Weights, list[Term], Score]:
    """A score's weights, its components' points, and what it says of missing ones."""
    parts = world.rules.scores[key]
    score = next(one for one in world.ruleset.scores if one.key == key)
    return Weights(world.ruleset, key, parts), [component(world, part) for part in parts], score


def component(world: World, part: ComponentRule) -> Term:
    """The points of one component, 0 to 100."""
    solver, term = world.solver, world.encode(part.tree)
    if part.points is None:
        above = solver.choose(term.value > 0, term.value, 0)
        return Term(term.known, solver.choose(above < HUNDRED, above, HUNDRED))
    found = solver.number(part.points[0][1])
    for start, points in part.points[1:]:
        assert start is not None
        found = solver.choose(term.value >= solver.number(start), solver.number(points), found)
    return Term(term.known, found)


def rated(world: World, key: str) -> Term:
    """The mean and whether it is known."""
    solver = world.solver
    plan, terms, score = parts_of(world, key)
    any_known = solver.some(*(one.known for one in terms))
    enough = covered(world, key, plan.minimum_coverage) if plan.minimum_coverage > 0 else True
    all_known = solver.every(*(one.known for one in terms)) if score.missing == "unknown" else True
    mean = solver.real(world.fresh())
    differences = []
    for term, weight in zip(terms, plan.weights, strict=True):
        amount = solver.number(weight)
        missing = -mean * amount if score.missing == "zero" else 0
        differences.append(solver.choose(term.known, (term.value - mean) * amount, missing))
    error = 0 if world.is_exact else solver.number(SLACK * plan.total)
    world.side(mean >= 0, mean <= HUNDRED)
    apart = solver.total(differences)
    world.side(solver.follows(any_known, solver.every(apart <= error, apart >= -error)))
    steps = 10**score.decimals
    value = solver.ratio(solver.floor(mean * steps + solver.number(Decimal("0.5"))), steps)
    return Term(solver.every(any_known, enough, all_known), value, (3, score.decimals))


def covered(world: World, key: str, least: Decimal) -> Any:
    """Whether enough of a score's weight is known; left open where rounding of inner shares might decide."""
    solver, share, bound = world.solver, coverage(world, key), world.solver.number(least)
    if world.is_exact or all(part.of_score is None for part in world.rules.scores[key]):
        return share >= bound
    slack = solver.number(SLACK)
    is_close = solver.every(share >= bound - slack, share <= bound + slack)
    return solver.choose(is_close, solver.boolean(world.fresh()), share >= bound)
