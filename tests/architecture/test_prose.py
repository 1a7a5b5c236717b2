"""Prose has one sentence a line, so that a change of one sentence shows as one line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import prose_files

NOT_PROSE = re.compile(r"\s*(#|\||<|\[\^?\w+\]:|$)")
BULLET = re.compile(r"\s*([-*]|\d+\.)\s+")
QUOTED = re.compile(r"`[^`]*`|\]\([^)]*\)")
NEXT_SENTENCE = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?][\"')*]*\s+[A-Z(`]|[。！？](?=[^”」）)]{2})")
SENTENCE_END = re.compile(r"[.:;!?。：；！？][\"')*`”」）]*$")


def paragraphs(file: Path) -> Iterator[list[str]]:
    """The file's runs of prose lines and list items; headings, tables, code and markup left out."""
    run: list[str] = []
    fenced = False
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        fence = line.lstrip().startswith("```")
        starts_anew = fence or fenced or NOT_PROSE.match(line) or BULLET.match(line)
        if starts_anew and run:
            yield run
            run = []
        fenced ^= fence
        if not (fence or fenced or NOT_PROSE.match(line)):
            run.append(QUOTED.sub("`x`", BULLET.sub("", line)).strip())


@pytest.mark.parametrize("file", prose_files(), ids=lambda file: file.name)
def test_a_line_is_a_sentence(file):
    """No line holds two sentences, and none but a paragraph's last stops before its sentence ends."""
    lines = [(line, line is paragraph[-1]) for paragraph in paragraphs(file) for line in paragraph]
    assert not [line for line, last in lines if NEXT_SENTENCE.search(line) or not (last or SENTENCE_END.search(line))]
