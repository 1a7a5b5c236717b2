"""Samples that nobody could choose."""

import pytest

from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.auditing.sample import Population, sample_log
from service.operations.evaluate import evaluate_profile
from tests.operations.auditing.exporting import fill
from tests.operations.auditing.logs import seal_all
from tests.small import DAY, KEY, START, asking, request

MINUTE = 60_000
PERIOD = Population(KEY, START + DAY, START + 4 * DAY)


def test_a_sample_can_be_drawn_again(service, clock):
    """Whoever asks later, after whatever else was decided, gets the same evaluations of the period."""
    fill(service, clock, 60)
    drawn = sample_log(service, PERIOD, 5)
    fill(service, clock)
    assert sample_log(service, PERIOD, 5) == drawn
    assert drawn["of"] == 24
    assert len({one["evaluation_id"] for one in drawn["items"]}) == 5
    more = sample_log(service, PERIOD, 10)["items"]
    assert more[:5] == drawn["items"]


def test_its_seed_was_signed_after_the_period(service, clock):
    """Until something was signed a minute after the period there is no sample; then the seed is that checkpoint's root."""
    evaluate_profile(service, KEY, request(asking("u", visits=1)))
    seal_all(service)
    clock.at += DAY
    period = Population(None, None, clock.at)
    with pytest.raises(Conflict) as refused:
        sample_log(service, period, 5)
    assert refused.value.code == "not-sealed"
    clock.at += MINUTE
    evaluate_profile(service, KEY, request(asking("u", visits=2)))
    seal_all(service)
    drawn = sample_log(service, period, 5)
    newest = service.store.read(lambda reads: reads.sealing.newest())
    assert (drawn["seed"], drawn["checkpoint"]) == (bytes(newest.root).hex(), newest.note)
    assert drawn["of"] == len(drawn["items"]) == 1


def test_a_sample_of_nothing(service, clock):
    """A period that ends before it begins, or a strange ruleset, is refused; one without evaluations has an empty sample."""
    fill(service, clock, 8)
    with pytest.raises(InvalidRequest):
        sample_log(service, Population(None, START, START - 1), 5)
    with pytest.raises(NotFound):
        sample_log(service, Population("none", None, START), 5)
    assert sample_log(service, Population(None, None, START), 5)["items"] == []
