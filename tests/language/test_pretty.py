"""The text of a ruleset for a file: the same document, in the language's order, whatever is in it."""

from pathlib import Path

import pytest

from service.language.document import read_document
from service.language.pretty import pretty_text

RULESETS = sorted((Path(__file__).parents[2] / "rulesets").glob("*.json"))


@pytest.mark.parametrize("file", RULESETS, ids=lambda file: file.stem)
def test_nothing_is_lost_or_changed(file):
    """Reading what was written gives the same document, and writing that the same text."""
    document, _ = read_document(file.read_bytes())
    text = pretty_text(document)
    again, found = read_document(text)
    assert (again, found) == (document, ())
    assert pretty_text(again) == text


def test_members_stand_in_the_languages_order():
    """However a document was written, its members come out in one order, unknown ones last; numbers stay exact."""
    document, _ = read_document('{"zzz": 1.50, "tags": [{"when": "a", "key": "t"}, 7], "lifecycle": 5, "key": "k"}')
    text = pretty_text(document)
    places = [text.index(f'"{name}"') for name in ("key", "tags", "lifecycle", "zzz")]
    assert places == sorted(places)
    assert text.index('"key": "t"') < text.index('"when": "a"')
    assert '"zzz": 1.5\n' in text
    assert text.endswith("}\n")


def test_a_number_beyond_64_bits_is_written_in_full():
    """What the reader takes can be written."""
    document, _ = read_document('{"x": 123456789012345678901234567890}')
    assert '"x": 123456789012345678901234567890' in pretty_text(document)
