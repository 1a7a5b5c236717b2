"""A reply means on disk: whenever the power fails, no acknowledged record is missing, and the database is whole."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.operations.auditing.seal import seal
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.assurance.power import Tape, cut, record, traced
from tests.conftest import HandClock, wire_on
from tests.small import DAY, KEY, RULESET, START, asking, request

CUTS = 300
EVALUATIONS = 60


@pytest.fixture(scope="module")
def statements(tmp_path_factory) -> list[str]:
    """What a real store writes while a service is set up, decides, and seals."""
    clock = HandClock(START)
    service = wire_on(tmp_path_factory.mktemp("work") / "work.db", clock)
    found = traced(service.store)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    for number in range(EVALUATIONS):
        clock.at += DAY // 10
        evaluate_profile(service, KEY, request(asking(f"u{number % 5}", visits=number % 6)))
        if number % 10 == 9:
            seal(service)
    service.store.close()
    return found


def tape(statements, tmp_path, synchronous: str) -> Tape:
    """The same on a disk that remembers."""
    found = record(statements, tmp_path / f"{synchronous}.db", synchronous)
    assert max(count for _, count in found.acknowledged) > EVALUATIONS
    return found


def test_no_power_cut_loses_what_was_acknowledged(statements, tmp_path):
    """With every commit synced, as the service has it, no cut damages anything or loses an acknowledged record."""
    found = cut(tape(statements, tmp_path, "full"), tmp_path / "left", CUTS, seed=1)
    assert (found.cuts, found.damaged, found.losing) == (CUTS, 0, 0)


def test_the_simulator_sees_what_is_lost(statements, tmp_path):
    """The control: where commits are not synced, the same cuts do lose acknowledged records."""
    assert cut(tape(statements, tmp_path, "normal"), tmp_path / "left", CUTS, seed=1).losing > 0
