"""What reports are made of, as rows: what operations hand to a store and get back. Data only."""

from typing import NamedTuple


class Things(NamedTuple):
    """Tags, tiers or the lifecycle by their keys, and the values that they may have."""

    kind: str
    keys: tuple[str, ...]
    values: tuple[str, ...]


class CountRow(NamedTuple):
    """How often one kind of change came."""

    kind: str
    key: str
    outcome: str
    movement: str | None
    source: str | None
    target: str | None
    cause: str | None
    rule: str | None
    number: int
