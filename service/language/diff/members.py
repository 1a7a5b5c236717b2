"""One member of a construct, before and after -> the change, in words, and whether it decides."""

from collections.abc import Callable
from typing import Any

from service.language.diagnostics import Words
from service.language.diff.amounts import Reader
from service.language.diff.change import Change, Place, change_at
from service.language.diff.conditions import Edit, edit_between
from service.language.diff.wording import (
    compose,
    duration_words,
    in_both,
    json_of,
    label_of,
    listed,
    quoted,
    say_change,
    text_of,
    value_words,
)
from service.language.durations import read_duration
from service.language.fields import Member, shown
from service.language.phrases.changes import CHANGES, TRIGGERS
from service.language.rewrite import read
from service.language.scalars import Expression, Period
from service.language.scalars import Words as Text

SILENT = frozenset(
    {"title", "description", "purpose", "owner", "goal", "dimension", "prefix", "personal", "examples"}
    | {"max_moved_share", "tag_budgets"}
)
"""Members that decide nothing; within a construct that decides nothing, none does."""
UNORDERED = frozenset({"on", "from", "aliases", "enum"})
"""Lists of keys or texts whose order says nothing."""
CONDITIONS = frozenset({"ArithmeticComparison", "Comparison", "Contains", "Logic"})
"""Forms of an expression that only a condition has."""
DEFAULTS: dict[tuple[str, str], Any] = {
    ("ruleset", "timezone"): "UTC",
    ("attribute", "required"): False,
    ("attribute", "personal"): False,
    ("value", "output"): False,
    ("score", "decimals"): 2,
    ("score", "missing"): "reweight",
    ("score", "minimum_coverage"): 0,
    ("tier", "margin"): 0,
    ("tier", "rise_after"): "P0D",
    ("tier", "fall_after"): "P0D",
    ("tier", "fall"): "direct",
    ("band", "aliases"): [],
    ("stage", "aliases"): [],
    ("tag_group", "exclusive"): False,
    ("tag", "sticky"): False,
    ("tag", "manual"): "allowed",
    ("tag", "aliases"): [],
    ("transition", "after_stay"): "P0D",
    ("action", "parameters"): {},
}
"""What an absent member means, by construct and member."""


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; numbers by what they are, not by how they are spelled."""
    return json_of(one) == json_of(other)


class Members:
    """Tells the changes of members of two documents."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any], exclusive: frozenset[str]) -> None:
        self.old, self.new, self.exclusive = Reader(old), Reader(new), exclusive

    def change(self, place: Place, member: Member | None, name: str, was: Any, now: Any) -> Change:
        """The change of a member that is not the same JSON; `None` is absent."""
        default = DEFAULTS.get((place.construct, name))
        before, after = (default if one is None else one for one in (was, now))
        blanks = {"name": place.name, "label": _label(place, name)}
        is_same = self.means_the_same(member, name, before, after)
        sentence = say_change("same", **blanks) if is_same else self.sentence(member, name, before, after, blanks)
        decides = not is_same and self.is_deciding(place, name, was, now)
        return change_at(place, "changed", was, now, sentence, decides=decides, member=name)

    def is_deciding(self, place: Place, name: str, was: Any, now: Any) -> bool:
        """Whether it matters for decisions what a member says; a group only where one tag of it is held at most."""
        if (place.construct, name) == ("tag", "group"):
            return any(isinstance(one, str) and one in self.exclusive for one in (was, now))
        return name not in SILENT and place.construct != "example"

    def means_the_same(self, member: Member | None, name: str, was: Any, now: Any) -> bool:
        """Whether two values are only spelled in different ways."""
        if equal(was, now):
            return True
        if not isinstance(was, str) or not isinstance(now, str):
            return name in UNORDERED and _are_keys(was) and _are_keys(now) and set(was) == set(now)
        if isinstance(member, Expression):
            return edit_between(was, now).kind == "same"
        return isinstance(member, Period) and _length(was) is not None and _length(was) == _length(now)

    def sentence(self, member: Member | None, name: str, was: Any, now: Any, blanks: dict[str, Words]) -> Words:
        """What happened to a member that means something else now."""
        if isinstance(member, Expression) and _are(str, was, now):
            return self.rule(name, was, now, blanks)
        if isinstance(member, Text) and _are((str, dict), was, now):
            return _reworded(was, now, blanks)
        if isinstance(was, dict) and isinstance(now, dict):
            return _inside(was, now, blanks)
        if name == "steps" and isinstance(was, list) and isinstance(now, list):
            return say_change("rewritten", **blanks)
        entries = [_entries(one) for one in (was, now)]
        if entries[0] is not None and entries[1] is not None:
            return _fewer_or_more(entries[0], entries[1], blanks)
        words = _duration_or_value if isinstance(member, Period) else value_words
        return _set_or_changed(was, now, blanks, words)

    def rule(self, name: str, was: str | None, now: str | None, blanks: dict[str, Words]) -> Words:
        """What happened to an expression: in words where one place tells it, else both texts."""
        stem = {"when": "needs", "until": "ends"}.get(name)
        if _is_condition(was) and _is_condition(now):
            stem = stem or "needs"
        if stem is None:
            return _set_or_changed(was, now, blanks, quoted)
        if was is None or now is None:
            before, after = _whole(self.old, was), _whole(self.new, now)
            return say_change(f"{stem}/{'set' if was is None else 'dropped'}", **blanks, before=before, after=after)
        return self.edited(stem, edit_between(was, now), (was, now), blanks)

    def edited(self, stem: str, edit: Edit, texts: tuple[str, str], blanks: dict[str, Words]) -> Words:
        """A condition in which something stands elsewise."""
        sentence = f"{stem}/changed"
        before = quoted(texts[0]) if edit.before is None else self.old.condition(edit.before, texts[0])
        after = quoted(texts[1]) if edit.after is None else self.new.condition(edit.after, texts[1])
        if edit.kind in ("joined", "left"):
            return self.run(stem, edit, before, after, texts, blanks)
        if edit.kind == "part" and edit.before is not None and edit.after is not None:
            amount = self.new.other_amount(edit.before, edit.after)
            if not edit.is_needed or (stem == "ends" and edit.before.span != _span(texts[0])):
                sentence = "inside/changed"
            elif amount is not None:
                return say_change(f"{stem}/set", **blanks, after=amount)
        return say_change(sentence, **blanks, before=before, after=after)

    def run(
        self, stem: str, edit: Edit, before: Words, after: Words, texts: tuple[str, str], blanks: dict[str, Words]
    ) -> Words:
        """A condition with one part more or fewer in a run of `and` or `or`."""
        if stem == "needs" and edit.is_needed:
            ways = {"AND": ("joined", "dropped"), "OR": ("enough", "not-enough")}[edit.word]
            return say_change(f"needs/{ways[edit.kind == 'left']}", **blanks, before=before, after=after)
        return say_change(f"{stem}/changed", **blanks, before=quoted(texts[0]), after=quoted(texts[1]))


def _label(place: Place, name: str) -> Words:
    return label_of("start" if name == "from" and place.construct in ("band", "point") else name)


def _is_condition(text: str | None) -> bool:
    """Whether a text is a condition by its form, whatever the names in it are."""
    syntax = read(text)
    is_negation = syntax is not None and syntax.kind == "Unary" and syntax.parts[0] == "NOT"
    return is_negation or (syntax is not None and syntax.kind in CONDITIONS)


def _span(text: str) -> tuple[int, int]:
    return (len(text) - len(text.lstrip()), len(text.rstrip()))


def _whole(reader: Reader, text: str | None) -> Words:
    """A whole condition in words, or as it is written."""
    syntax = read(text)
    return quoted(text or "") if syntax is None else reader.condition(syntax, text or "")


def _set_or_changed(was: Any, now: Any, blanks: dict[str, Words], words: Callable[[Any], Words]) -> Words:
    """A value that is new, gone, or another; two that would be shown alike are not shown."""
    if was is None:
        return say_change("set", **blanks, after=words(now))
    if now is None:
        return say_change("dropped", **blanks, before=words(was))
    before, after = words(was), words(now)
    return say_change("rewritten" if before == after else "changed", **blanks, before=before, after=after)


def _duration_or_value(value: Any) -> Words:
    return (duration_words(value) if isinstance(value, str) else None) or value_words(value)


def _reworded(was: Any, now: Any, blanks: dict[str, Words]) -> Words:
    """Words for people, told where both languages have others."""
    if was is None or now is None:
        return _set_or_changed(was, now, blanks, _text)
    before, after = _text(was), _text(now)
    is_told = all(before[language] != after[language] for language in before)
    return say_change("changed" if is_told else "rewritten", **blanks, before=before, after=after)


def _text(text: Any) -> Words:
    return compose(in_both("`{text}`"), text=text_of(text, "..."))


def _inside(was: dict[str, Any], now: dict[str, Any], blanks: dict[str, Words]) -> Words:
    """An object of the author's: told if one member of it is another."""
    names = [name for name in dict.fromkeys([*was, *now]) if not equal(was.get(name), now.get(name))]
    if len(names) != 1:
        return say_change("rewritten", **blanks)
    label = compose(CHANGES["inside"], label=blanks["label"], part=shown(str(names[0])))
    return _set_or_changed(was.get(names[0]), now.get(names[0]), {**blanks, "label": label}, value_words)


def _fewer_or_more(was: list[Words], now: list[Words], blanks: dict[str, Words]) -> Words:
    """A list of keys or of triggers: what came and what went."""
    gone, come = ([one for one in these if one not in those] for these, those in ((was, now), (now, was)))
    sentence = {(True, True): "other", (True, False): "fewer", (False, True): "more", (False, False): "rewritten"}
    return say_change(sentence[bool(gone), bool(come)], **blanks, before=listed(gone), after=listed(come))


def _entries(value: Any) -> list[Words] | None:
    """The entries of a list of keys or triggers, in words; nothing if it is none."""
    if value is None:
        return []
    if _are_keys(value):
        return [in_both(f"`{shown(one)}`") for one in value]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    return [_trigger(one) for one in value]


def _trigger(one: dict[str, Any]) -> Words:
    kind = next((kind for kind in TRIGGERS if kind in one), None)
    if kind is None:
        return value_words(one)
    return compose(TRIGGERS[kind], key=shown(str(one[kind])), band=shown(str(one.get("band"))))


def _are_keys(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are(kind: Any, was: Any, now: Any) -> bool:
    return all(one is None or isinstance(one, kind) for one in (was, now))


def _length(text: str) -> tuple[int, int] | None:
    try:
        duration = read_duration(text)
    except ValueError:
        return None
    return duration.months, duration.milliseconds
