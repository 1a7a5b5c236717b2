"""What is remembered, as JSON and back."""

import json

from service.engine.state import Holding, Override, Place, State

FULL = State(
    stage="active",
    stage_since=5,
    tags={"x": Holding(1), "y": Holding(2, 9)},
    overrides={"y": Override("assigned", 3, "kim", "asked", None), "z": Override("blocked", 4, "kim", "asked", 8)},
    tiers={"band": Place("low", 1, (("mid", 2), ("high", 3)), None), "other": Place("high", 1, (), 7)},
    waits={"tags/w": 6},
    fired={"cheer": 2},
)


def test_a_state_that_was_stored_is_the_same_state():
    """Every kind of memory survives being written as JSON."""
    for state in (FULL, State()):
        assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_new_state_remembers_nothing():
    """A profile that was never seen has no stage, no tags and no waits; two of them share nothing."""
    one, two = State(), State()

    assert (one.stage, one.tags, one.waits) == (None, {}, {})
    assert one.tags is not two.tags
