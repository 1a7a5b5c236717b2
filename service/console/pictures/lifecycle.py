"""Stages and transitions -> a picture: stages in a row in the order of the ruleset, ways onward above, ways back below.

Several transitions between the same two stages are one arrow. Counts stand in the boxes, flows on the arrows.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from service.console.pictures.svg import element, picture, short, whole, words

BOX_WIDTH, BOX_HEIGHT, GAP = 132.0, 58.0, 46.0
RISE = 26.0
"""How much higher an arrow goes for each stage that it passes over."""
EDGE = 12.0


class Way(NamedTuple):
    """An arrow from one stage to another; `flow` is how many profiles went that way, if it is known."""

    source: str
    target: str
    movement: str
    title: str
    flow: int | None = None


def lifecycle_picture(
    title: str, stages: Sequence[tuple[str, str]], initial: str, ways: Sequence[Way], counts: Mapping[str, int]
) -> Markup:
    """The picture of a lifecycle; `stages` are (key, title)."""
    places = {key: index for index, (key, _) in enumerate(stages)}
    merged = _merged([way for way in ways if way.source in places and way.target in places])
    farthest = max([abs(places[way.target] - places[way.source]) for way in merged] or [1])
    above = RISE * farthest + 26
    width = len(stages) * (BOX_WIDTH + GAP) - GAP + 2 * EDGE
    parts = [_arrow(way, places, above) for way in merged]
    parts += [_box(place, key, name, key == initial, counts, above) for place, (key, name) in enumerate(stages)]
    return picture(width, above * 2 + BOX_HEIGHT, title, parts)


def _merged(ways: Sequence[Way]) -> list[Way]:
    found: dict[tuple[str, str], Way] = {}
    for way in ways:
        before = found.get((way.source, way.target))
        if before is not None:
            flow = None if before.flow is None or way.flow is None else before.flow + way.flow
            way = before._replace(title=f"{before.title}; {way.title}", flow=flow)  # noqa: PLW2901
        found[way.source, way.target] = way
    return list(found.values())


def _left(place: int) -> float:
    return EDGE + place * (BOX_WIDTH + GAP)


def _box(place: int, key: str, name: str, is_first: bool, counts: Mapping[str, int], above: float) -> Markup:
    x, middle = _left(place), _left(place) + BOX_WIDTH / 2
    kind = "box first" if is_first else "box"
    shape = {"class": kind, "x": x, "y": above, "width": BOX_WIDTH, "height": BOX_HEIGHT, "rx": 9}
    lines = [element("rect", shape), element("title", {}, name)]
    if key in counts:
        lines.append(words(middle, above + 24, short(name, 17), "middle", "strong"))
        lines.append(words(middle, above + 43, whole(counts[key]), "middle"))
    else:
        lines.append(words(middle, above + 34, short(name, 17), "middle", "strong"))
    return element("g", {}, *lines)


def _arrow(way: Way, places: Mapping[str, int], above: float) -> Markup:
    start, end = places[way.source], places[way.target]
    distance, is_onward = abs(end - start), end > start
    side = -1 if is_onward else 1
    base = above if is_onward else above + BOX_HEIGHT
    spread = 16.0
    x1 = _left(start) + BOX_WIDTH / 2 + (spread if is_onward else -spread)
    x2 = _left(end) + BOX_WIDTH / 2 - (spread if is_onward else -spread)
    top = base + side * (RISE * distance + 8)
    path = f"M{x1:.1f} {base:.1f}C{x1:.1f} {top:.1f} {x2:.1f} {top:.1f} {x2:.1f} {base + side * 7:.1f}"
    tip = f"M{x2 - 4:.1f} {base + side * 8:.1f}L{x2 + 4:.1f} {base + side * 8:.1f}L{x2:.1f} {base:.1f}Z"
    peak = base + side * (RISE * distance + 8) * 0.75
    parts = [
        element("title", {}, way.title),
        element("path", {"class": f"edge {way.movement}", "d": path}),
        element("path", {"class": f"tip {way.movement}", "d": tip}),
    ]
    if way.flow:
        parts.append(words((x1 + x2) / 2, peak + (-5 if is_onward else 14), whole(way.flow), "middle"))
    return element("g", {}, *parts)
