"""Programs of only the parts that a test is about, and profiles that live under them."""

import json
from functools import cache

from hypothesis import assume

from service.engine.decision import Event, ManualChange
from service.engine.evaluate import evaluate, remember, remembered_facts
from service.engine.facts import read_facts
from service.language.instants import read_instant, write_instant, zone
from service.language.pipeline import read_ruleset


def program_of(passing=(), **members):
    """The program of a ruleset with these members; a made-up one with a mistake in `passing` is passed over."""
    reading = read(json.dumps({"format": 1, "key": "test", **members}))
    mistakes = {one.code for one in reading.diagnostics if one.severity == "error"}
    if mistakes and mistakes <= set(passing):
        assume(condition=False)
    assert reading.program is not None, [one.to_json() for one in reading.diagnostics if one.severity == "error"]
    return reading.program


@cache
def read(text):
    """What becomes of a ruleset's text; rulesets of many tests are read once."""
    return read_ruleset(text)


def attributes(**types):
    """Declared attributes, by key: a type, or all members."""
    return [{"key": key, **(one if isinstance(one, dict) else {"type": one})} for key, one in types.items()]


def tag(key, when=None, **members):
    """A tag."""
    return {"key": key, **({} if when is None else {"when": when}), **members}


def move(key, source, target, when=None, **members):
    """A transition from one stage to another."""
    rule = {"key": key, "from": [source], "to": target, "movement": "promotion"}
    return {**rule, **({} if when is None else {"when": when}), **members}


def stages(*keys, moves=()):
    """A lifecycle that begins in the first of its stages."""
    found = [one if isinstance(one, dict) else {"key": one} for one in keys]
    return {"initial": found[0]["key"], "stages": found, "transitions": list(moves)}


def bands(first, /, **starts):
    """The bands of a tier: the lowest, and the others with their starts."""
    return [{"key": first}, *({"key": key, "from": start} for key, start in starts.items())]


class Profile:
    """A profile that lives through time, remembered between evaluations as in production.

    `outcomes` are those of the last evaluation, what it caught up with included.
    """

    def __init__(self, program):
        self.program = program
        self.before = None
        self.outcomes = []

    def at(self, when, posted=None, *, event=None, text=None, manual=None, **options):
        """Decides at a moment such as `01-05` or `01-05T12:00:00`, and gives what came out; `manual` is (tag, state[, end])."""
        at = moment(when)
        facts = None if posted is None else read_facts(self.program, posted)
        event = event and Event(event, text, at)
        manual = manual and ManualChange(manual[0], manual[1], "kim", "asked", *map(moment, manual[2:]))
        self.outcomes = evaluate(self.program, "u-1", facts, self.before, at=at, event=event, manual=manual, **options)
        kept = facts or remembered_facts(self.program, self.before)
        self.before = remember(self.program, kept, self.outcomes[-1])
        return self.outcomes[-1]

    def under(self, program):
        """The same profile, from here on under another program."""
        self.program = program
        return self


def moment(when):
    """`01-05`, `01-05T12:00:00` or any RFC 3339 instant, the year 2026 and UTC if it does not say."""
    full = when if when[4:5] == "-" else f"2026-{when}"
    return read_instant(full if "T" in full else f"{full}T00:00:00", zone("UTC"))


def clock(at):
    """An instant in a test's words: what `moment` reads."""
    return None if at is None else write_instant(at).removeprefix("2026-").removesuffix("Z").removesuffix("T00:00:00")


def words(decisions):
    """Decisions in a test's words: key, outcome and cause or due instant, as far as there are any."""
    return [" ".join(filter(None, (one.key, one.outcome, one.cause, clock(one.due_at)))) for one in decisions]
