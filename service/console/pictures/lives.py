"""What a profile is over time -> a picture: one lane for its stage, one for each tag, and a line at one instant."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from service.console.pictures.charts import colour
from service.console.pictures.svg import element, picture, short, words

NAMES, ROW, TOP, BAR = 110.0, 26.0, 8.0, 18.0
LETTER = 7.0
"""About how wide a letter is."""


class Span(NamedTuple):
    """From where to where of the whole time (0-1) something is so, what it is called, and its colour's turn."""

    start: float
    end: float
    text: str
    turn: int


def life_picture(
    title: str, lanes: Sequence[tuple[str, Sequence[Span]]], ends: tuple[str, str], here: float, width: float
) -> Markup:
    """The lanes under each other; `ends` are the first and the last instant in words, `here` (0-1) is the line."""
    room, tall = width - NAMES - 4, TOP + len(lanes) * ROW
    parts: list[Markup] = []
    for place, (name, spans) in enumerate(lanes):
        y = TOP + place * ROW
        parts.append(words(0, y + 13, short(name, 15), "start", "strong" if place == 0 else None))
        parts.append(element("path", {"class": "rule", "d": f"M{NAMES:.0f} {y + BAR + 3:.1f}H{width:.0f}"}))
        parts += [_bar(span, y, room) for span in spans]
    x = place_of(here, width)
    line = {"class": "limit", "data-here": "", "transform": f"translate({x:.1f} 0)", "d": f"M0 0V{tall + 2:.1f}"}
    parts.append(element("path", line))
    parts.append(words(NAMES, tall + 16, ends[0]))
    parts.append(words(width, tall + 16, ends[1], "end"))
    return picture(width, tall + 22, title, parts)


def place_of(share: float, width: float) -> float:
    """Where a share of the whole time stands in the picture."""
    return NAMES + (width - NAMES - 4) * share


def _bar(span: Span, y: float, room: float) -> Markup:
    x, wide = NAMES + room * span.start, max(room * (span.end - span.start) - 1, 2)
    shape = {"class": f"span {colour(span.turn)}", "x": x, "y": y, "width": wide, "height": BAR, "rx": 4}
    text = short(span.text, int((wide - 8) / LETTER)) if wide > LETTER * 4 else ""
    inside = words(x + 5, y + 13, text, "start", "on") if len(text) > 1 else Markup("")
    return element("g", {}, element("title", {}, span.text), element("rect", shape), inside)
