"""Reports counted the slow way: by replaying every change ever recorded, profile by profile, into plain dictionaries.

It shares nothing with the reports but the rows of changes.
"""

from collections import Counter, defaultdict

from service.audit.rows import ChangeRow

EVER = (None, None)


def all_changes(service, ruleset: str) -> dict[str, list[ChangeRow]]:
    """Every change of every profile, oldest first."""
    found = service.store.read(lambda reads: reads.changes({"ruleset": ruleset}, EVER, 1 << 62, 100_000))
    timelines = defaultdict(list)
    for one in reversed(found):
        timelines[one.row.profile_id].append(one.row)
    return timelines


def standing(rows: list[ChangeRow], at: int) -> dict[tuple[str, str], str]:
    """What a profile held after everything up to an instant."""
    held = {}
    for row in rows:
        if row.at <= at:
            held[row.kind, row.key] = row.target
    return {key: value for key, value in held.items() if value not in {None, "absent"}}


def beside(held: dict, kind: str | None, keys: set[str]) -> list[str | None]:
    """What a profile is counted beside: tags by their keys, a tier by its band."""
    if kind is None:
        return [None]
    found = [key if kind == "tag" else value for (its, key), value in held.items() if its == kind and key in keys]
    return found or [None]


def counts(service, ruleset, kind, at, by=(None, set())) -> Counter:
    """How many hold what at an instant."""
    found = Counter()
    for rows in all_changes(service, ruleset).values():
        held = standing(rows, at)
        for (its, key), value in held.items():
            if its == kind:
                for other in beside(held, *by):
                    found[key, value, other] += 1
    return found


def flows(service, ruleset, kind, begin, end) -> Counter:
    """From where to where, between two instants."""
    found = Counter()
    for rows in all_changes(service, ruleset).values():
        before, after = ({key: v for (its, key), v in standing(rows, at).items() if its == kind} for at in (begin, end))
        for key in before.keys() | after.keys():
            found[key, before.get(key), after.get(key)] += 1
    return found


def retention(timelines, entered, reached, span, *, within, now) -> Counter:
    """What became of each profile's first entry within a span."""
    found = Counter()
    begin, end = span
    for rows in timelines.values():
        held = {}
        entry = None
        for row in rows:
            was = held.get(row.kind, {}).get(row.key)
            stood = held.get(reached[0], {}).get(reached[1]) == reached[2]
            held.setdefault(row.kind, {})[row.key] = row.target
            stands = held.get(reached[0], {}).get(reached[1]) == reached[2]
            if entry is None:
                if (row.kind, row.key, row.target) == entered and was != entered[2] and begin <= row.at < end:
                    entry = row.at
                    if stood and stands:
                        found["already"] += 1
                        break
            elif row.at > entry + within:
                found["open" if entry + within >= now else "missed"] += 1
                break
            if entry is not None and stands and not stood:
                found["reached"] += 1
                break
        else:
            if entry is not None:
                found["open" if entry + within >= now else "missed"] += 1
    return found
