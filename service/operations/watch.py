"""Live decisions, noted for drafts that watch them: handed over when they are recorded, without waiting for anybody.

While no draft watches, this costs one look. What nobody takes in time is dropped, and counted.
Source: docs/api.md, "Shadow".
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from threading import Lock
from zlib import crc32

from service.operations.decide import Decided

MOST_WAITING = 1_000
"""The most decisions that wait; each holds what it was made of."""


class Watch:
    """The decisions of one process that drafts are to look at. `shares` says of which rulesets, and of which share
    (0-1) of their profiles: always the same ones.
    """

    def __init__(self) -> None:
        self.shares: Mapping[str, float] = {}
        self._waiting: deque[Decided] = deque()
        self._dropped: Counter[str] = Counter()
        self._lock = Lock()

    def offer(self, decided: Sequence[Decided]) -> None:
        """Note decisions that were just recorded."""
        if not self.shares:
            return
        for one in decided:
            key = one.ask.published.key
            if crc32(one.ask.profile_id.encode()) < self.shares.get(key, 0.0) * (1 << 32):
                if len(self._waiting) < MOST_WAITING:
                    self._waiting.append(one)
                else:
                    with self._lock:
                        self._dropped[key] += 1

    def take(self, limit: int) -> tuple[list[Decided], Counter[str]]:
        """Some of what waits, the earliest first; and how many were dropped of each ruleset since the last time."""
        taken = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
        with self._lock:
            dropped, self._dropped = self._dropped, Counter()
        return taken, dropped
