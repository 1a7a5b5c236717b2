"""Rulesets and timelines made by chance, for the laws: small, odd, and valid by construction."""

from hypothesis import strategies as st

from service.language.instants import write_instant

DAY = 86_400_000
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z

NUMBERS = [
    "n",
    "(n ?? 2)",
    "m",
    "days_since(d)",
    "hours_since(d)",
    "calendar_days_since(e)",
    "months_since(d)",
    "idle",
    "$today.day",
    "$today.month",
    "n + m",
]
DATES = ["d", "e", "latest(d, e)", "$now", "$today", "(d ?? e)", "$now - t'P2D'", "d + t'P3D'", "$today - t'PT12H'"]
LITERALS = ["0", "1", "2", "3", "5", "7", "30", "-1", "2.5"]


def comparisons() -> st.SearchStrategy[str]:
    """One condition over attributes, the clock, or both."""
    number = st.sampled_from(NUMBERS)
    order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    return st.one_of(
        st.builds("{} {} {}".format, number, order, st.one_of(st.sampled_from(LITERALS), st.sampled_from(NUMBERS))),
        st.builds(
            "{} {} {}".format,
            st.sampled_from(DATES),
            st.sampled_from(["<", "<=", ">", ">="]),
            st.sampled_from(["d", "e", "latest(d, e)", "d'2026-01-09'"]),
        ),
        st.builds(
            "within({}, '{}')".format,
            st.sampled_from(["d", "e", "latest(d, e)"]),
            st.sampled_from(["P1D", "P7D", "PT36H", "P1M"]),
        ),
        st.sampled_from(
            [
                "b",
                "b == null",
                "n != null",
                "$today.weekday == 'Friday'",
                "s == 'x'",
                "s in ['x', 'y']",
                "$today in [d'2026-01-05', d'2026-01-20']",
                "scale(days_since(d), 2, 9) > 40",
                "share(n, m) >= 2",
                "2 * days_since(d) < 3 * n",
                "months_since(d) % 2 == 0",
                "$today.month == d.month",
            ]
        ),
    )


def conditions(extra: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """A condition of up to three parts; `extra` are names that may be read as conditions."""
    leaf = st.one_of(comparisons(), st.sampled_from(extra)) if extra else comparisons()
    return st.one_of(
        leaf,
        st.builds("({}) and ({})".format, leaf, leaf),
        st.builds("({}) or ({})".format, leaf, leaf),
        st.builds("not ({}) or ({}) and ({})".format, leaf, leaf, leaf),
        st.builds("(({}) ? ({}) : ({}))".format, leaf, leaf, leaf),
    )


PERIODS = st.sampled_from(["P1D", "P3D", "PT6H", "P1M"])


@st.composite
def tags(draw: st.DrawFn, key: str, group: str | None, extra: tuple[str, ...]) -> dict:
    """A tag with one of the memories a tag can have."""
    tag = {"key": key, "purpose": "test"}
    if group:
        tag["group"] = group
    shape = draw(st.sampled_from(["plain", "held", "sticky", "fading", "event", "event-until", "held-fading"]))
    if shape in ("event", "event-until"):
        tag["on"] = ["ping"] if draw(st.booleans()) else ["ping", "pong"]
        if draw(st.booleans()):
            tag["when"] = draw(st.one_of(conditions(extra), st.just("event.text == 'go'")))
        if shape == "event-until":
            tag["until"] = draw(conditions(extra))
        if shape == "event" or draw(st.booleans()):
            tag["expires_after"] = draw(PERIODS)
        return tag
    tag["when"] = draw(conditions(extra))
    if shape in ("held", "held-fading"):
        tag["held_for"] = draw(PERIODS)
    if shape == "sticky":
        tag["sticky"] = True
        tag["until"] = draw(conditions(extra))
    if shape in ("fading", "held-fading"):
        tag["expires_after"] = draw(PERIODS)
        if draw(st.booleans()):
            tag["until"] = draw(conditions(extra))
    if draw(st.integers(0, 5)) == 0:
        tag["valid_until"] = "2026-01-15T00:00:00Z"
    return tag


@st.composite
def tiers(draw: st.DrawFn) -> dict:
    """A tier over one of several inputs, with waits and margin."""
    fall_after = draw(st.sampled_from(["P0D", "P2D", "PT5H"]))
    fall = draw(st.sampled_from(["direct", "one_step"])) if fall_after != "P0D" else "direct"
    return {
        "key": "band",
        "input": draw(st.sampled_from(["score.heat", "n", "days_since(d)", "idle", "(n ?? 0) + days_since(d)"])),
        "margin": draw(st.sampled_from([0, 1, 5])),
        "rise_after": draw(st.sampled_from(["P0D", "P1D", "PT30H"])),
        "fall_after": fall_after,
        "fall": fall,
        "bands": [{"key": "low"}, {"key": "mid", "from": 3}, {"key": "high", "from": 30}],
    }


@st.composite
def transitions(draw: st.DrawFn, index: int, extra: tuple[str, ...]) -> dict:
    """A transition between three stages."""
    source = draw(st.sampled_from(["new", "active", "risk", "*"]))
    target = draw(st.sampled_from([one for one in ("new", "active", "risk") if one != source]))
    found = {"key": f"t{index}", "from": [source], "to": target, "movement": "promotion"}
    if draw(st.integers(0, 3)) == 0:
        found["on"] = ["pong"]
        if draw(st.booleans()):
            found["when"] = draw(conditions(extra))
    else:
        found["when"] = draw(conditions(extra))
        if draw(st.booleans()):
            found["held_for"] = draw(PERIODS)
    if draw(st.integers(0, 2)) == 0:
        found["after_stay"] = draw(PERIODS)
    return found


ATTRIBUTES = [
    {"key": "n", "type": "integer"},
    {"key": "m", "type": "number", "default": 3},
    {"key": "d", "type": "datetime"},
    {"key": "e", "type": "date"},
    {"key": "b", "type": "boolean"},
    {"key": "s", "type": "string", "enum": ["x", "y", "z"]},
]
POINTS = [{"points": 100}, {"from": 3, "points": 60}, {"from": 9, "points": 0}]
EARLY = ("tag.a", "tier.band == 'mid'", "score.heat >= 50", "(score.heat ?? 0) < 20")
LATE = (
    *EARLY,
    "tag.b",
    "stage == 'active'",
    "days_since(since.stage) >= 2",
    "tag.a and hours_since(since.tag.a) >= 30",
    "within(since.tier.band, 'P2D')",
)
"""Conditions that a transition may read, and those that only a tag may."""


@st.composite
def scores(draw: st.DrawFn) -> dict:
    """A score of a count and of how recent something is."""
    recency = draw(st.sampled_from([{"input": "idle", "points": POINTS}, {"value": "100 - scale(idle, 1, 12)"}]))
    missing = draw(st.sampled_from(["reweight", "zero", "unknown"]))
    components = [{"key": "count", "weight": 2, "value": "10 * n"}, {"key": "recency", "weight": 1, **recency}]
    return {"key": "heat", "missing": missing, "components": components}


@st.composite
def grouped_tags(draw: st.DrawFn) -> tuple[dict, list[dict]]:
    """An exclusive group, with a default or not, and its tags."""
    has_default = draw(st.booleans())
    rest = {"key": "g_rest", "group": "one", "purpose": "test", **({} if has_default else {"manual": "only"})}
    group = {"key": "one", "exclusive": True, **({"default": "g_rest"} if has_default else {})}
    return group, [draw(tags("g1", "one", LATE)), draw(tags("g2", "one", EARLY)), rest]


@st.composite
def rulesets(draw: st.DrawFn) -> dict:
    """A ruleset with values, a score, a tier, tags (some in an exclusive group), a lifecycle and actions."""
    group, grouped = draw(grouped_tags())
    free = [draw(tags("a", None, EARLY[1:])), draw(tags("b", None, EARLY)), draw(tags("c", None, LATE))]
    count = draw(st.integers(0, 4))
    return {
        "format": 1,
        "key": "law",
        "timezone": draw(st.sampled_from(["Asia/Taipei", "America/New_York", "UTC"])),
        "attributes": ATTRIBUTES,
        "events": [{"key": "ping"}, {"key": "pong"}],
        "values": [{"key": "idle", "expression": "days_since(latest(d, e))"}],
        "scores": [draw(scores())],
        "tiers": [draw(tiers())],
        "tag_groups": [group],
        "tags": free + grouped,
        "lifecycle": {
            "initial": "new",
            "stages": [{"key": "new"}, {"key": "active"}, {"key": "risk"}],
            "transitions": [draw(transitions(index, EARLY)) for index in range(count)],
        },
        "actions": [{"key": "greet", "on": [{"stage": "active"}, {"tag": "a"}], "cooldown": "P2D"}],
    }


def attributes() -> st.SearchStrategy[dict]:
    """Posted attributes, any of them missing."""
    moment = st.integers(-40, 40).map(lambda hours: START + hours * 13 * 3_600_000 + 1)
    return st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers(-2, 40),
            "m": st.sampled_from([0, 1, 3, 7]),
            "d": moment.map(write_instant),
            "e": st.integers(1, 28).map(lambda day: f"2026-01-{day:02d}"),
            "b": st.booleans(),
            "s": st.sampled_from(["x", "y", "z"]),
        },
    )


@st.composite
def timelines(draw: st.DrawFn) -> list[dict]:
    """Up to six moments with new facts, an event, a person's word, or nothing."""
    at = START
    steps = []
    for index in range(draw(st.integers(1, 6))):
        at += (
            draw(st.sampled_from([0, 1, 3_600_000, 5 * 3_600_000, DAY, 2 * DAY + 1, 9 * DAY, 45 * DAY])) if index else 0
        )
        step = {"at": at}
        if index == 0 or draw(st.booleans()):
            step["attributes"] = draw(attributes())
        if draw(st.integers(0, 2)) == 0:
            step["event"] = (draw(st.sampled_from(["ping", "pong"])), draw(st.sampled_from([None, "go", "no"])))
        if draw(st.integers(0, 4)) == 0:
            step["manual"] = (
                draw(st.sampled_from(["a", "c", "g1", "g2", "g_rest"])),
                draw(st.sampled_from(["assigned", "blocked", "released"])),
                draw(st.sampled_from([None, DAY, 3 * DAY])),
            )
        steps.append(step)
    return steps
