"""Which version is in force when: one rule, whatever was planned, taken back or retired."""

from hypothesis import given
from hypothesis import strategies as st

from service.audit.rows import ActivationRow
from service.operations.activations import in_force, present, scheduled, spans


def activation(seq: int, begins: int, recorded: int = 0, kind: str = "publish") -> ActivationRow:
    """An activation of the version with the same number."""
    return ActivationRow(seq, "r", seq, begins, recorded, "me", kind, "")


histories = st.lists(st.integers(0, 12), max_size=8).map(
    lambda begins: [activation(seq, at) for seq, at in enumerate(begins, 1)]
)


def test_before_the_first_nothing_is_in_force():
    """A ruleset whose first version is to come has none yet."""
    assert in_force([], 5) is None
    assert in_force([activation(1, 6)], 5) is None


def test_what_is_scheduled_begins_at_its_instant():
    """Two versions that wait for different days come one after the other."""
    rows = [activation(1, 0), activation(2, 10), activation(3, 20)]
    assert [in_force(rows, at).version for at in (9, 10, 19, 20)] == [1, 2, 2, 3]
    assert [one.version for one in scheduled(rows, 9)] == [2, 3]
    assert scheduled(rows, 20) == []


def test_what_begins_at_once_cancels_what_was_scheduled():
    """After a rollback nothing comes into force by itself that was planned before it."""
    rows = [activation(1, 0), activation(2, 10), activation(3, 5)]
    assert [in_force(rows, at).version for at in (4, 5, 10, 99)] == [1, 3, 3, 3]
    assert scheduled(rows, 5) == []
    assert [one.version for one in scheduled(rows, 4)] == [3]


def test_the_present_is_no_earlier_than_what_was_recorded():
    """A process whose clock is behind follows what another one recorded at once."""
    rows = [activation(1, 0), activation(2, 10, recorded=10)]
    assert in_force(rows, present(rows, 7)).version == 2
    assert present([], 7) == 7


@given(histories, st.integers(0, 13))
def test_the_periods_say_what_is_in_force_at_every_instant(rows, at):
    """The table of periods that people read and the rule that decides are one."""
    found = [one for one, end in spans(rows) if one.effective_at <= at and (end is None or at < end)]
    assert found == [one for one in [in_force(rows, at)] if one]


@given(histories, st.integers(0, 13))
def test_what_is_scheduled_is_what_will_be_in_force(rows, at):
    """Whatever stands in the plan comes into force, in that order, and nothing else does."""
    coming = [in_force(rows, later) for later in range(at + 1, 14)]
    now = in_force(rows, at)
    wanted = [one for place, one in enumerate(coming) if one and one != (coming[place - 1] if place else now)]
    assert scheduled(rows, at) == wanted
