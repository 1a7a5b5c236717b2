"""The timelines of profiles whose standing changed, one after another, in bounded memory.

What never changed since an instant stands in the counts of what is held now; only the others are looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from service.audit.find_rows import Span
from service.audit.report_rows import Things
from service.audit.rows import ChangeRow
from service.operations.ports import Reads

SCANNED = 50_000
"""How many ids one look along the index takes."""
CHUNK = 250
EVER = 1 << 62
Progress = Callable[[int], None]
"""Is told how many profiles were looked at, now and then."""
Ids = Callable[[str, int], list[str]]


def changed(
    reads: Reads, ruleset: str, things: Sequence[Things], span: Span, progress: Progress
) -> Iterator[tuple[str, list[ChangeRow]]]:
    """Profiles of which something changed within a span, with all changes they ever had; each once, by id. Erased
    persons are left out.
    """

    def page(after: str, limit: int) -> list[str]:
        found = {one for each in things for one in reads.reporting.changed(ruleset, each, span, after, limit)}
        return sorted(found)[:limit]

    for profile_id, rows in _timelines(reads, ruleset, page, progress):
        if not is_erased(profile_id):
            yield profile_id, rows


def erased(reads: Reads, ruleset: str, progress: Progress) -> Iterator[tuple[str, list[ChangeRow]]]:
    """Erased persons, by the names that stand for them, with all their changes."""
    yield from _timelines(reads, ruleset, lambda after, limit: reads.reporting.erased(ruleset, after, limit), progress)


def is_erased(profile_id: str) -> bool:
    """Whether it is a name that stands for an erased person."""
    return profile_id.startswith("erased:")


def _timelines(reads: Reads, ruleset: str, page: Ids, progress: Progress) -> Iterator[tuple[str, list[ChangeRow]]]:
    after, count = "", 0
    while ids := page(after, SCANNED):
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            count += len(some)
            progress(count)
            rows = reads.history.changes_until(ruleset, some, EVER)
            rows.sort(key=lambda row: row.profile_id)  # Why: sorting keeps the order of each one's changes
            for profile_id, its in groupby(rows, key=lambda row: row.profile_id):
                yield profile_id, list(its)
        if len(ids) < SCANNED:
            return
        after = ids[-1]
