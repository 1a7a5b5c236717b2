"""The arithmetic of scores: coverage, and exact means."""

from decimal import Decimal

import pytest

from service.engine.scores import rate_score
from tests.engine.programs import Profile, attributes, program_of


def parts(**weights):
    """Components that are the attributes of those names."""
    return [{"key": key, "weight": weight, "value": key} for key, weight in weights.items()]


SCORES = [
    {"key": "inner", "components": parts(a=1, b=2)},
    {"key": "outer", "components": [{"key": "of", "weight": 3, "value": "score.inner"}, *parts(c=1)]},
    {
        "key": "mapped",
        "components": [
            {"key": "of", "weight": 1, "input": "score.inner", "points": [{"points": 0}, {"from": 5, "points": 50}]},
            *parts(c=1),
        ],
    },
    {"key": "thin", "minimum_coverage": 0.9, "components": parts(a=1, b=2)},
]


@pytest.mark.parametrize(
    ("facts", "coverage"),
    [
        ({"a": 1, "b": 1, "c": 1}, {"inner": "1", "outer": "1", "mapped": "1", "thin": "1"}),
        ({"a": 1, "c": 1}, {"inner": "0.3333", "outer": "0.5000", "mapped": "1", "thin": "0.3333"}),
        ({"b": 1}, {"inner": "0.6667", "outer": "0.5000", "mapped": "0.5", "thin": "0.6667"}),
        ({"c": 1}, {"inner": "0", "outer": "0.25", "mapped": "0.5", "thin": "0"}),
        ({}, {"inner": "0", "outer": "0", "mapped": "0", "thin": "0"}),
    ],
)
def test_coverage_is_the_known_share_of_the_weight(facts, coverage):
    """A component that is exactly a score counts with that score's coverage; one that maps a score is known or not."""
    profile = Profile(program_of(attributes=attributes(a="number", b="number", c="number"), scores=SCORES))

    found = profile.at("01-01", facts).scores

    assert {key: one.coverage for key, one in found.items()} == {key: Decimal(one) for key, one in coverage.items()}


class Weights:
    """Two weights of one third and two thirds."""

    weights = (Decimal(1), Decimal(2))
    total = Decimal(3)
    decimals = Decimal("0.01")
    missing = "reweight"
    minimum_coverage = Decimal(0)


def test_long_numbers_are_averaged_to_all_their_digits():
    """What is rounded is the exact mean, not a rounded one: a half stays a half."""
    values = Decimal("0.0149999999999999999999999999"), Decimal("0.0150")

    assert rate_score(Weights, values, None) == (Decimal("0.01"), Decimal(1))
    assert rate_score(Weights, (Decimal("0.015"), Decimal("0.015")), None) == (Decimal("0.02"), Decimal(1))
