"""The rulesets of tests/cases/rulesets: each folder is named for a mistake, and holds what an author is told of it."""

import json
import string
from pathlib import Path

import pytest

from service.engine.examples import run_examples
from service.language.phrases import PHRASES
from service.language.pipeline import read_ruleset

CASES = sorted(file.parent for file in (Path(__file__).parent / "cases" / "rulesets").glob("*/ruleset.json"))


def diagnostics_of(text):
    """Everything that is found in a ruleset; where it has examples, also what those show."""
    reading = read_ruleset(text)
    found = [*reading.diagnostics]
    if reading.program is not None and reading.program.ruleset.examples:
        found.extend(run_examples(reading.program).diagnostics)
    return [one.to_json() for one in found]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_an_author_is_told_what_is_wrong(folder):
    """A ruleset gets exactly the diagnostics beside it: code, place, words and help; none where no such file is."""
    beside = folder / "diagnostics.json"
    expected = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else []
    assert diagnostics_of((folder / "ruleset.json").read_bytes()) == expected


def blanks(text):
    """The blanks of a sentence; one for Chinese words counts as the one beside it."""
    return {name.removesuffix("_zh") for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", PHRASES)
def test_every_sentence_is_said_in_both_languages(name):
    """Whoever reads English and whoever reads Chinese are told the same, with the same facts."""
    phrase = PHRASES[name]
    for words in (phrase.message, phrase.help):
        if words is not None:
            assert set(words) == {"en", "zh"}
            assert all(text.strip() for text in words.values())
            assert blanks(words["en"]) == blanks(words["zh"])


@pytest.mark.parametrize("name", PHRASES)
def test_sentences_keep_the_house_style(name):
    """A sentence is one line, begins small, and has no final period."""
    for words in (PHRASES[name].message, PHRASES[name].help):
        for text in (words or {}).values():
            assert "\n" not in text
            assert not text.endswith((".", "。"))
            assert not text[:1].isupper() or text.startswith("IANA")
