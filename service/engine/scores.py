"""Component values -> one score with its coverage; pure arithmetic.

Source: docs/language.md, "Scores".
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from service.language.functions import CONTEXT, HUNDRED, ZERO

ONE = Decimal(1)


def rate_score(
    plan: Any, values: tuple[Decimal | None, ...], coverages: tuple[Decimal | None, ...] | None
) -> tuple[Decimal | None, Decimal]:
    """The weighted mean of the components (each clamped to 0-100), rounded half up, and the known share of the weight.

    `plan` is the score's weights (`service.language.compile.Weights`);
    `coverages` gives that of components which are scores.
    The score is unknown where the ruleset says so, where nothing is known, or below the minimum coverage.
    """
    total = covered = weight_known = ZERO
    for index, value in enumerate(values):
        if value is None:
            continue
        weight = plan.weights[index]
        weight_known = CONTEXT.add(weight_known, weight)
        share = coverages[index] if coverages else None
        covered = CONTEXT.add(covered, weight if share is None else CONTEXT.multiply(weight, share))
        if value >= HUNDRED:
            total = CONTEXT.fma(weight, HUNDRED, total)
        elif value > ZERO:
            total = CONTEXT.fma(weight, value, total)
    coverage = ONE if covered == plan.total else CONTEXT.divide(covered, plan.total)
    if not weight_known or coverage < plan.minimum_coverage:
        return None, coverage
    if weight_known != plan.total and plan.missing == "unknown":
        return None, coverage
    base = plan.total if plan.missing == "zero" else weight_known
    return CONTEXT.divide(total, base).quantize(plan.decimals, ROUND_HALF_UP, CONTEXT), coverage
