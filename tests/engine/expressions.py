"""Expressions made by chance, of every type, with every operator, function and accessor; parentheses wherever parts meet."""

from datetime import date
from string import Formatter

from hypothesis import strategies as st

NAMES = {
    "number": ("n", "m", "i", "score.heat", "ratio"),
    "string": ("s", "u", "word", "tier.band", "stage"),
    "boolean": ("b", "c", "tag.x"),
    "date": ("t", "d", "since.stage", "since.tag.x", "since.tier.band", "$now", "$today"),
    "list": ("xs", "ys"),
}
"""The names of each type; most of what they stand for may be unknown."""
CONSTANTS = {
    "number": ("0", "1", "7", "2.50", ".5", "1e3", "-3", "9999999999999999999999999999"),
    "string": ("'a'", "'Ab'", "''", '"日"'),
    "boolean": ("true", "false"),
    "date": ("d'2026-02-06'", "d'2026-02-06T10:30:00'"),  # with an offset, rule-engine would read `.day` in that offset
    "list": ("[]", "['a', 'b']"),
}
WORDS = {
    "arithmetic": ("+", "-", "*", "/", "//", "%"),
    "order": ("<", "<=", ">", ">=", "==", "!="),
    "equality": ("==", "!="),
    "logic": ("and", "or"),
    "counter": ("days_since", "hours_since", "calendar_days_since", "months_since"),
    "of_two": ("min", "max", "share"),
    "of_three": ("min", "max", "clamp", "scale"),
    "part": ("year", "month", "day", "hour"),
    "case": ("as_lower", "as_upper"),
    "edge": ("starts_with", "ends_with"),
    "quantity": ("any_of", "all_of"),
    "period": ("P7D", "PT36H", "P1M"),
    "span": ("P1D", "PT5H", "P2W"),
    "bucket": ("autumn", "日"),
}
SHAPES = {
    "number": (
        "(({number}) {arithmetic} ({number}))",
        "-({number})",
        "{counter}({date})",
        "{of_two}({number}, {number})",
        "{of_three}({number}, {number}, {number})",
        "({date}).{part}",
        "({string}).length",
        "({list}).length",
        "bucket('{bucket}')",
    ),
    "string": ("({string}).{case}", "({date}).weekday"),
    "boolean": (
        "(({number}) {order} ({number}))",
        "(({string}) {order} ({string}))",
        "(({date}) {order} ({date}))",
        "(({boolean}) {equality} ({boolean}))",
        "(({list}) {equality} ({list}))",
        "({boolean} {logic} {boolean})",
        "({boolean} {logic} not {boolean} {logic} {boolean})",
        "not ({boolean})",
        "(({number}) {equality} null)",
        "(null {equality} ({date}))",
        "(({boolean}) {equality} null)",
        "within({date}, '{period}')",
        "(({string}) in ({list}))",
        "(({string}) in ({string}))",
        "(({number}) in [{number}, {number}])",
        "(({date}) in [{date}, {date}])",
        "{quantity}({list}, {list})",
        "({string}).is_empty",
        "({list}).is_empty",
        "({string}).{edge}({string})",
    ),
    "date": (
        "(({date}) + t'{span}')",
        "(({date}) - t'{span}')",
        "(t'{span}' + ({date}))",
        "({date}).date",
        "latest({date}, {date})",
        "latest({date}, {date}, {date})",
    ),
    "list": ("[{string}, {string}]",),
}
"""How each type is made of others; a word in braces is another part."""


@st.composite
def expressions(draw: st.DrawFn) -> tuple[str, str]:
    """A type, and an expression of it."""
    kind = draw(st.sampled_from(sorted(NAMES)))
    return kind, part(draw, kind, 3)


def part(draw: st.DrawFn, kind: str, depth: int) -> str:
    """A part of one kind, at most so deep."""
    if kind in WORDS:
        return draw(st.sampled_from(WORDS[kind]))
    size = draw(st.integers(0, 9)) if depth else draw(st.integers(0, 3))
    if size < 4:
        return draw(st.sampled_from(CONSTANTS[kind] if size == 0 else NAMES[kind]))
    either = f"(({{boolean}}) ? ({{{kind}}}) : ({{{kind}}}))", f"(({{{kind}}}) ?? ({{{kind}}}))"
    shape = draw(st.sampled_from(SHAPES[kind] if size < 8 else either))
    pieces = Formatter().parse(shape)
    return "".join(text + (part(draw, inner, depth - 1) if inner else "") for text, inner, _, _ in pieces)


def facts() -> st.SearchStrategy[dict]:
    """Posted attributes; in half of the draws all of them, else any."""
    days = st.dates(min_value=date(2024, 2, 28), max_value=date(2027, 3, 1)).map(str)
    known = {
        "n": st.sampled_from((0, 1, -4, 12)),
        "m": st.decimals(-100, 100, places=3),
        "i": st.integers(-9, 60),
        "s": st.sampled_from(("a", "Ab", "", "日本")),
        "u": st.sampled_from(("a", "x")),
        "b": st.booleans(),
        "c": st.booleans(),
        "t": st.builds("{}T{:02d}:15:00.123Z".format, days, st.integers(0, 23)),
        "d": days,
        "xs": st.lists(st.sampled_from(("a", "b", "Ab")), max_size=3),
        "ys": st.lists(st.sampled_from(("a", "")), max_size=2),
    }
    return st.one_of(st.fixed_dictionaries(known), st.fixed_dictionaries({}, optional=known))
