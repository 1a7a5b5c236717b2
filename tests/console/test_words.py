"""Everything the console says is there in both languages."""

import re
from pathlib import Path
from string import Formatter

import pytest

from service.console.words import WORDS

CONSOLE = Path("service/console")
SOURCES = [*CONSOLE.rglob("*.py"), *CONSOLE.rglob("*.html")]
SAME = re.compile(r"^[\W\d_a-zA-Z]*$")
"""What may read the same in both languages: no word of either, such as a format or a proper name."""


def blanks(text):
    """The names that a sentence leaves open."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", WORDS)
def test_a_sentence_stands_in_both_languages(name):
    """English and Chinese are there, say something, and leave the same blanks."""
    english, chinese = WORDS[name]

    assert english.strip()
    assert chinese.strip()
    assert blanks(english) == blanks(chinese)
    assert re.search(r"[\u4e00-\u9fff]", chinese) or SAME.fullmatch(english), "no Chinese"


def test_every_sentence_that_is_asked_for_exists():
    """A page never asks for a sentence that nobody wrote."""
    asked = set()
    for source in SOURCES:
        asked |= set(re.findall(r"""\bt(?:\.html)?\(\s*["']([a-z0-9_.-]+)["']""", source.read_text()))

    assert {one for one in asked if not one.endswith(".")} - set(WORDS) == set()


def test_no_sentence_is_left_over():
    """What no page can say is not kept."""
    text = "\n".join(source.read_text() for source in SOURCES if source.parent.name != "words")
    spoken = set(re.findall(r"[\"']([a-z0-9_.-]+)[\"']", text))
    stems = {one for one in spoken if one.endswith((".", "-", "_"))} | set(
        re.findall(r"[\"']([a-z0-9_.-]+[._-]){", text)
    )

    left = [
        name
        for name in WORDS
        if name not in spoken and not any(name.startswith(stem) for stem in stems) and not name.startswith("trouble.")
    ]
    assert left == []
