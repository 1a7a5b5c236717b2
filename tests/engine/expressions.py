"""Expressions made by chance, of every type, with every operator, function and accessor; parentheses wherever parts meet."""

from hypothesis import strategies as st

COUNTERS = ("days_since", "hours_since", "calendar_days_since", "months_since")
ORDER = ("<", "<=", ">", ">=", "==", "!=")

LEAVES = {
    "number": ("n", "m", "i", "score.heat", "ratio", "0", "1", "7", "2.50", ".5", "1e3", "-3", "9999999999999999999999999999"),
    "string": ("s", "u", "word", "tier.band", "stage", "'a'", "'Ab'", "''", '"日"'),
    "boolean": ("b", "c", "tag.x", "true", "false"),
    "date": ("t", "d", "since.stage", "since.tag.x", "since.tier.band", "$now", "$today", "d'2026-02-06'", "d'2026-02-06T10:30:00Z'"),
    "list": ("xs", "ys", "[]", "['a', 'b']", "[s, 'a']"),
}
"""What each type begins with; most names may be unknown."""


def expressions() -> st.SearchStrategy[str]:
    """An expression of any type."""
    return st.sampled_from(sorted(LEAVES)).flatmap(lambda kind: of(kind, 3))


def of(kind: str, depth: int) -> st.SearchStrategy[str]:
    """An expression of one type, at most so deep."""
    leaf = st.sampled_from(LEAVES[kind])
    if not depth:
        return leaf
    own = {"number": numbers, "string": strings, "boolean": booleans, "date": dates, "list": lists}[kind]
    inner = of(kind, depth - 1)
    either = st.builds("(({}) ? ({}) : ({}))".format, of("boolean", depth - 1), inner, inner)
    return st.one_of(leaf, own(depth - 1), own(depth - 1), either, st.builds("(({}) ?? ({}))".format, inner, inner))


def numbers(depth: int) -> st.SearchStrategy[str]:
    """Arithmetic, and what counts, measures and compares."""
    number, date = of("number", depth), of("date", depth)
    return st.one_of(
        st.builds("(({}) {} ({}))".format, number, st.sampled_from(("+", "-", "*", "/", "//", "%")), number),
        st.builds("-({})".format, number),
        st.builds("{}({})".format, st.sampled_from(COUNTERS), date),
        st.builds("{}({}, {}, {})".format, st.sampled_from(("min", "max", "clamp", "scale")), number, number, number),
        st.builds("{}({}, {})".format, st.sampled_from(("min", "max", "share")), number, number),
        st.builds("({}).{}".format, date, st.sampled_from(("year", "month", "day", "hour"))),
        st.builds("({}).length".format, st.one_of(of("string", depth), of("list", depth))),
        st.builds("bucket('{}')".format, st.sampled_from(("autumn", "日"))),
    )


def strings(depth: int) -> st.SearchStrategy[str]:
    """Texts made of others, and the names of days."""
    return st.one_of(
        st.builds("({}).{}".format, of("string", depth), st.sampled_from(("as_lower", "as_upper"))),
        st.builds("({}).weekday".format, of("date", depth)),
    )


def booleans(depth: int) -> st.SearchStrategy[str]:
    """Conditions of every kind."""
    kinds = [of(kind, depth) for kind in ("number", "string", "date")]
    inner, date, string, items = of("boolean", depth), of("date", depth), of("string", depth), of("list", depth)
    return st.one_of(
        *(st.builds("(({}) {} ({}))".format, kind, st.sampled_from(ORDER), kind) for kind in kinds),
        st.builds("(({}) {} ({}))".format, inner, st.sampled_from(("and", "or", "==", "!=")), inner),
        st.builds("({} {} {} {} {})".format, inner, st.just("and"), inner, st.sampled_from(("and", "or")), inner),
        st.builds("not ({})".format, inner),
        st.builds("(({}) {} null)".format, st.one_of(*kinds, inner, items), st.sampled_from(("==", "!="))),
        st.builds("within({}, '{}')".format, date, st.sampled_from(("P7D", "PT36H", "P1M"))),
        st.builds("(({}) in ({}))".format, string, st.one_of(items, string)),
        st.builds("(({}) in [{}, {}])".format, of("number", depth), of("number", depth), st.sampled_from(LEAVES["number"])),
        st.builds("(({}) in [{}, {}])".format, date, date, date),
        st.builds("{}({}, {})".format, st.sampled_from(("any_of", "all_of")), items, items),
        st.builds("({}) {} ({})".format, items, st.sampled_from(("==", "!=")), items).map("({})".format),
        st.builds("({}).is_empty".format, st.one_of(string, items)),
        st.builds("({}).{}({})".format, string, st.sampled_from(("starts_with", "ends_with")), string),
    )


def dates(depth: int) -> st.SearchStrategy[str]:
    """Dates that are moved, cut, and chosen among."""
    date = of("date", depth)
    return st.one_of(
        st.builds("(({}) {} t'{}')".format, date, st.sampled_from(("+", "-")), st.sampled_from(("P1D", "PT5H", "P2W"))),
        st.builds("(t'PT90M' + ({}))".format, date),
        st.builds("({}).date".format, date),
        st.builds("latest({}, {})".format, date, date),
        st.builds("latest({}, {}, {})".format, date, date, date),
    )


def lists(depth: int) -> st.SearchStrategy[str]:
    """Lists that are written out."""
    return st.builds("[{}, {}]".format, of("string", depth), of("string", depth))


def facts() -> st.SearchStrategy[dict]:
    """Posted attributes; in half of the draws all of them, else any."""
    moment = st.integers(-900, 900).map(lambda hours: f"{2026 + hours // 400}-0{hours % 9 + 1}-1{hours % 10}T{hours % 24:02d}:15:00.123Z")
    known = {
        "n": st.sampled_from((0, 1, -4, 12)),
        "m": st.decimals(-100, 100, places=3),
        "i": st.integers(-9, 60),
        "s": st.sampled_from(("a", "Ab", "", "日本")),
        "u": st.sampled_from(("a", "x")),
        "b": st.booleans(),
        "c": st.booleans(),
        "t": moment,
        "d": st.dates(min_value=_day("2024-02-28"), max_value=_day("2027-03-01")).map(str),
        "xs": st.lists(st.sampled_from(("a", "b", "Ab")), max_size=3),
        "ys": st.lists(st.sampled_from(("a", "")), max_size=2),
    }
    return st.one_of(st.fixed_dictionaries(known), st.fixed_dictionaries({}, optional=known))


def _day(text: str):
    from datetime import date

    return date.fromisoformat(text)
