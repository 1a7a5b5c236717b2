"""What a profile holds, as rows by which segments are found: its tags, the bands and the stage it is in.

Data in, data out; the store keeps the rows in the transaction that keeps the state.
"""

import orjson

from service.audit.rows import HoldingRow, ProfileRow
from service.engine.state import State


def changed_holdings(before: ProfileRow | None, after: ProfileRow) -> dict[HoldingRow, bool]:
    """What a profile holds now and did not before (true), and the other way round (false)."""
    was = set() if before is None else holdings(before)
    now = holdings(after)
    return {**dict.fromkeys(was - now, False), **dict.fromkeys(now - was, True)}


def holdings(row: ProfileRow) -> set[HoldingRow]:
    """What a profile holds: its tags, the bands and the stage it is in."""
    state = State.from_json(orjson.loads(row.state))
    found = [("tag", key, "held") for key in state.tags]
    found += [("tier", key, place.band) for key, place in state.tiers.items()]
    if state.stage is not None:
        found.append(("stage", "lifecycle", state.stage))
    return {HoldingRow(row.ruleset, *one, row.profile_id) for one in found}
