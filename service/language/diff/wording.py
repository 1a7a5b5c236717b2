"""Parts of a document -> how a sentence names them, in English and Chinese.

Nothing here fails, whatever stands in the document: what is no text, no title or no duration is shown as it is.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.language.canonical import canonical_bytes, plain_number
from service.language.diagnostics import Words
from service.language.durations import read_duration
from service.language.fields import shown
from service.language.phrases.changes import ANSWERS, CHANGES, COMMA, LABELS, NOUNS, UNITS

LANGUAGES = ("en", "zh")
LONGEST_RULE = 200
_NEEDLESS = re.compile("(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u4e00-\u9fff\uff00-\uffef])")
"""A space between two Chinese characters or marks, as where a blank was filled."""
_PARTS = re.compile(r"(\d+)([YMWDHS])")


def compose(phrase: Words, **blanks: Words | str) -> Words:
    """A phrase in each language, its blanks filled."""
    found = {}
    for language in LANGUAGES:
        filled = {name: one if isinstance(one, str) else one[language] for name, one in blanks.items()}
        found[language] = _NEEDLESS.sub("", phrase[language].format(**filled))
    return found


def say_change(sentence: str, **blanks: Words | str) -> Words:
    """One of the sentences about changes."""
    return compose(CHANGES[sentence], **blanks)


def in_both(text: str) -> Words:
    """A text that is the same in each language."""
    return dict.fromkeys(LANGUAGES, text)


def title_of(construct: object, fallback: str) -> Words:
    """The title of a construct by language; where it has none that can be read, the fallback."""
    title = construct.get("title") if isinstance(construct, dict) else None
    return text_of(title, fallback)


def text_of(text: object, fallback: str) -> Words:
    """A text for people by language, Chinese of any kind as Chinese; the fallback where it has none in the language."""
    if isinstance(text, str) and text.strip():
        return in_both(shown(text))
    given = {name: one for name, one in text.items() if isinstance(one, str)} if isinstance(text, dict) else {}
    found = {}
    for language in LANGUAGES:
        fitting = [one for name, one in given.items() if str(name).partition("-")[0] == language and one.strip()]
        found[language] = shown(fitting[0]) if fitting else fallback
    return found


def named(construct: str, title: Words, holder: Words | None = None) -> Words:
    """A construct as a sentence calls it: its noun, its title or key, and what holds it."""
    name = say_change("named", noun=NOUNS[construct], title=title)
    return name if holder is None else say_change("of", name=name, holder=holder)


def label_of(member: str) -> Words:
    """What a member is called; one that the language does not have by its own name."""
    return LABELS.get(member) or in_both(f"`{shown(member)}`")


def quoted(text: str) -> Words:
    """An expression as a sentence shows it: on one line, a long one cut."""
    line = " ".join(text.split())
    return in_both(f"`{line if len(line) <= LONGEST_RULE else line[:LONGEST_RULE] + '...'}`")


def value_words(value: Any) -> Words:
    """A member's value as a sentence shows it: keys and texts in backticks, a list with commas."""
    if value is None or isinstance(value, bool):
        return ANSWERS[value]
    if isinstance(value, (int, Decimal)):
        return in_both(plain_number(value))
    if isinstance(value, str):
        return in_both(f"`{shown(value)}`")
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return listed([in_both(f"`{shown(one)}`") for one in value]) if value else ANSWERS[None]
    return in_both(f"`{shown(json_of(value))}`")


def json_of(value: Any) -> str:
    """A value as JSON, whatever it is."""
    try:
        return canonical_bytes(value).decode()
    except (TypeError, ValueError):
        return str(value)


def listed(words: list[Words]) -> Words:
    """Several, one after the other."""
    return {language: COMMA[language].join(one[language] for one in words) for language in LANGUAGES}


def duration_words(text: str) -> Words | None:
    """A duration in words, such as 15 days; nothing if the text is none."""
    try:
        duration = read_duration(text)
    except ValueError:
        return None
    if duration.is_zero:
        return {"en": "no time", "zh": "零"}
    date, _, time = text[1:].partition("T")
    parts = [(int(n), UNITS[unit]) for n, unit in _PARTS.findall(date)]
    parts += [(int(n), UNITS[f"T{unit}"]) for n, unit in _PARTS.findall(time)]
    parts = [(n, names) for n, names in parts if n]
    return {
        "en": " ".join(f"{n} {names[0] if n == 1 else names[1]}" for n, names in parts),
        "zh": " ".join(f"{n} {names[2]}" for n, names in parts),
    }


def titles_in(document: Mapping[str, Any]) -> dict[tuple[str, str], Words]:
    """What attributes, values, scores, tiers and tags that have a title are called, by root and key."""
    found = {}
    for root, collection in (
        ("attribute", "attributes"),
        ("value", "values"),
        ("score", "scores"),
        ("tier", "tiers"),
        ("tag", "tags"),
    ):
        entries = document.get(collection)
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, dict) and isinstance(one.get("key"), str):
                title = title_of(one, "")
                if all(title.values()):
                    found[root, one["key"]] = title
    return found
