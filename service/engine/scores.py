"""Component values -> one score with its coverage; pure arithmetic.

Source: docs/language.md, "Scores".
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

from service.language.functions import CONTEXT, ONE, ZERO, add_product


def rate_score(
    plan: Any, values: tuple[Decimal | None, ...], coverages: tuple[Decimal | None, ...] | None
) -> tuple[Decimal | None, Decimal]:
    """The weighted mean of the known components (each 0-100), rounded half up, and the known share of the weight.

    `plan` is the score's weights (`service.language.plans.Weights`);
    `coverages` gives that of components which are scores.
    The score is unknown where the ruleset says so, where nothing is known, or below the minimum coverage.
    Where everything is known, a compiled program has the same arithmetic inline.
    """
    known = [index for index, value in enumerate(values) if value is not None]
    covered = ZERO
    for index in known:
        share = coverages[index] if coverages else None
        weight = plan.weights[index]
        covered = CONTEXT.add(covered, weight if share is None else CONTEXT.multiply(weight, share))
    coverage = ONE if covered == plan.total else CONTEXT.divide(covered, plan.total)
    whole = len(known) == len(values)
    if not known or coverage < plan.minimum_coverage or (plan.missing == "unknown" and not whole):
        return None, coverage
    base = plan.total
    if not whole and plan.missing == "reweight":
        base = reduce(CONTEXT.add, (plan.weights[index] for index in known))
    total = ZERO
    for weight, value in zip(plan.weights, values, strict=True):
        if value is not None:
            total = add_product(weight, value, total)
    return CONTEXT.divide(total, base).quantize(plan.decimals, ROUND_HALF_UP, CONTEXT), coverage
