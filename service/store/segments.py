"""Which profiles of a ruleset fit: one statement for a page, in the order of profiles' ids.

What is held is looked up in `holdings`: the page is read along the first thing that must be held, so that a small
segment of many profiles costs what it has, not what is stored. Scores are sealed, so their ranges are compared here,
row by row.
"""

from collections.abc import Sequence

import orjson

from service.audit.rows import Held, ProfileRow, Segment
from service.audit.sealing_rows import SealedProfileRow


def statement(segment: Segment, after: str, limit: int) -> tuple[str, list[object]]:
    """The statement that reads the segment's profiles behind an id, whatever their scores, and its values."""
    leading = next((one for one in segment.held if len(one.pairs) == 1), None)
    values: list[object] = []
    conditions: list[str] = []
    source = '"profiles" AS p'
    along = "p"
    if leading is not None:
        source = '"holdings" AS l JOIN "profiles" AS p ON p."ruleset" = l."ruleset" AND p."profile_id" = l."profile_id"'
        along = "l"
        conditions.append('l."kind" = ? AND l."key" = ? AND l."value" = ?')
        values += [leading.kind, *leading.pairs[0]]
    conditions.insert(0, f'{along}."ruleset" = ?')
    values.insert(0, segment.ruleset)
    conditions.append(f'{along}."profile_id" > ?')
    values.append(after)
    for word, found in (("EXISTS", segment.held), ("NOT EXISTS", segment.not_held)):
        for one in found:
            if one is not leading:
                conditions.append(f"{word} ({_held(one)})")
                values += [one.kind, *(text for pair in one.pairs for text in pair)]
    columns = ", ".join(f'p."{name}"' for name in SealedProfileRow._fields)
    where = " AND ".join(conditions)
    # Made of our own names only; whatever callers say stands among the values.
    sql = f'SELECT {columns} FROM {source} WHERE {where} ORDER BY {along}."profile_id" LIMIT ?'  # noqa: S608
    return sql, [*values, limit]


def fits(segment: Segment, row: ProfileRow) -> bool:
    """Whether a profile's scores lie in the segment's ranges, ends included; one that is unknown lies in none."""
    if not segment.scores:
        return True
    scores = orjson.loads(row.scores)
    return all((found := scores.get(key)) is not None and low <= found <= high for key, low, high in segment.scores)


def _held(one: Held) -> str:
    pairs = " OR ".join(['h."key" = ? AND h."value" = ?'] * len(one.pairs))
    same: Sequence[str] = ('h."ruleset" = p."ruleset"', 'h."profile_id" = p."profile_id"', 'h."kind" = ?')
    return f'SELECT 1 FROM "holdings" AS h WHERE {" AND ".join(same)} AND ({pairs})'  # noqa: S608  # as above
