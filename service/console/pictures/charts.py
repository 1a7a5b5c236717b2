"""Numbers -> charts: lines over time, bars, a number line with bands, and flows between two columns.

Colours are the classes c1 to c8, in turn.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from service.console.pictures.svg import element, picture, short, whole, words

WIDTH = 720.0
CARD = 440.0
"""The width of what stands in a card, of which two stand side by side."""
COLOURS = 8
LINE = 15.0


def colour(index: int) -> str:
    """The class of the colour of the so-manieth thing."""
    return f"c{index % COLOURS + 1}"


def line_chart(title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]) -> Markup:
    """One line for each series over the same labels; an unknown value interrupts its line."""
    left, right, top, height = 52.0, 12.0, 12.0, 200.0
    highest = max([value for _, values in series for value in values if value is not None] or [1]) or 1
    step = (WIDTH - left - right) / max(len(labels) - 1, 1)
    parts = [_grid(left, right, top, height, highest), _below(labels, left, step, top + height + 18)]
    for index, (name, values) in enumerate(series):
        points = [
            None if value is None else (left + place * step, top + height * (1 - value / highest))
            for place, value in enumerate(values)
        ]
        parts.append(element("g", {}, element("title", {}, name), _line(points, colour(index))))
    return picture(WIDTH, top + height + 28, title, parts)


def bar_chart(title: str, bars: Sequence[tuple[str, float]], most: int = 24) -> Markup:
    """A bar to the right for each name, longest as given first; at most `most`."""
    left, row = 170.0, 28.0
    shown = bars[:most]
    highest = max([value for _, value in shown] or [1]) or 1
    room = WIDTH - left - 70
    parts = []
    for place, (name, value) in enumerate(shown):
        y, length = place * row + 4, max(room * value / highest, 1.5)
        parts.append(words(left - 10, y + 15, short(name, 24), "end"))
        bar = {"class": "c1", "x": left, "y": y + 2, "width": length, "height": row - 12, "rx": 3}
        parts.append(element("rect", bar, element("title", {}, name)))
        parts.append(words(left + length + 8, y + 15, whole(value), "start", "strong"))
    return picture(WIDTH, max(len(shown), 1) * row + 4, title, parts)


def band_line(
    title: str, bands: Sequence[tuple[str, float | None]], low: float, high: float, histogram: Sequence[int] = ()
) -> Markup:
    """Bands on a number line from `low` to `high`; above it how many profiles stand where (equal steps)."""
    top, tall, thick = 6.0, 90.0 if histogram else 0.0, 26.0
    span = (high - low) or 1
    most = max(histogram, default=0) or 1
    wide = WIDTH / max(len(histogram), 1)
    parts = []
    for place, count in enumerate(histogram):
        length = tall * count / most
        bar = {"class": "c7", "x": place * wide + 0.5, "y": top + tall - length, "width": wide - 1, "height": length}
        parts.append(element("rect", bar, element("title", {}, whole(count))))
    starts = [low if start is None else start for _, start in bands]
    for place, (name, _) in enumerate(bands):
        begin = (starts[place] - low) / span * WIDTH
        end = ((starts[place + 1] if place + 1 < len(bands) else high) - low) / span * WIDTH
        shape = {"class": colour(place), "x": begin + 0.5, "y": top + tall + 4, "width": max(end - begin - 1, 1)}
        parts.append(element("rect", {**shape, "height": thick, "rx": 4, "opacity": 0.85}, element("title", {}, name)))
        parts.append(words(begin + 4, top + tall + thick + 22, short(name, int((end - begin) / 7)), "start", "strong"))
        parts.append(words(begin + 4, top + tall + thick + 40, f"{starts[place]:g}"))
    return picture(WIDTH, top + tall + thick + 48, title, parts)


def flow_picture(
    title: str,
    flows: Mapping[tuple[str, str], int],
    before: Sequence[tuple[str, str]],
    after: Sequence[tuple[str, str]],
) -> Markup:
    """From each place on the left (key, title) to each on the right, as wide as many profiles went that way."""
    tall, gap, column = 260.0, 10.0, 150.0
    total = sum(flows.values()) or 1
    left = _stacks([(key, sum(n for (source, _), n in flows.items() if source == key)) for key, _ in before], tall, gap)
    right = _stacks([(key, sum(n for (_, target), n in flows.items() if target == key)) for key, _ in after], tall, gap)
    scale = (tall - gap * max(len(before), len(after))) / total
    used_left, used_right = dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)
    parts = []
    for place, (source, _) in enumerate(before):
        for target, _ in after:
            count = flows.get((source, target), 0)
            if not count:
                continue
            thick = count * scale
            y1 = left[source] + used_left[source] + thick / 2
            y2 = right[target] + used_right[target] + thick / 2
            used_left[source] += thick
            used_right[target] += thick
            said = f"{source} → {target}: {whole(count)}"
            parts.append(_stream(said, (column, y1), (WIDTH - column, y2), thick, colour(place)))
    for places, names, x, anchor in ((left, before, column - 10, "end"), (right, after, WIDTH - column + 10, "start")):
        y = 0.0
        for key, name in names:
            y = max(places[key] + 12, y + LINE)  # Why: names of narrow places must not stand on one another
            parts.append(words(x, y, short(name, 19), anchor, "strong"))
    return picture(WIDTH, tall + gap, title, parts)


def _stream(said: str, start: tuple[float, float], end: tuple[float, float], thick: float, kind: str) -> Markup:
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    path = f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    shape = {"class": f"line flow {kind}", "d": path, "stroke-width": max(thick, 1)}
    return element("path", shape, element("title", {}, said))


def _stacks(sizes: Sequence[tuple[str, int]], tall: float, gap: float) -> dict[str, float]:
    """Where each place begins, from the top."""
    total = sum(size for _, size in sizes) or 1
    room = tall - gap * len(sizes)
    found, y = {}, gap / 2
    for key, size in sizes:
        found[key] = y
        y += room * size / total + gap
    return found


def _line(points: Sequence[tuple[float, float] | None], kind: str) -> Markup:
    path, is_down = "", False
    for point in points:
        path += "" if point is None else f"{'L' if is_down else 'M'}{point[0]:.1f} {point[1]:.1f}"
        is_down = point is not None
    return element("path", {"class": f"line {kind}", "d": path or "M0 0"})


def _grid(left: float, right: float, top: float, height: float, highest: float) -> Markup:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = top + height * (1 - share)
        parts.append(element("path", {"class": "rule", "d": f"M{left:.0f} {y:.1f}H{WIDTH - right:.0f}"}))
        parts.append(words(left - 8, y + 4, whole(highest * share), "end"))
    return element("g", {}, *parts)


def _below(labels: Sequence[str], left: float, step: float, y: float) -> Markup:
    every = max(1, len(labels) // 6)
    shown = [(place, label) for place, label in enumerate(labels) if place % every == 0]
    return element("g", {}, *(words(left + place * step, y, label, "middle") for place, label in shown))


def share_bar(title: str, share: float, limit: float | None = None) -> Markup:
    """How much of a whole (0-1) something is, with a mark at what is allowed; scaled so that both can be told apart."""
    top, thick = 22.0, 14.0
    end = 1.0 if limit is None else min(1.0, max(share * 1.25, limit * 2)) or 1.0
    kind = "c5" if limit is not None and share > limit else "c1"
    parts = [
        element("rect", {"class": "track", "x": 0, "y": top, "width": WIDTH, "height": thick, "rx": 7}),
        element("rect", {"class": kind, "x": 0, "y": top, "width": WIDTH * share / end, "height": thick, "rx": 7}),
    ]
    if limit is not None:
        x = WIDTH * limit / end
        parts.append(element("path", {"class": "limit", "d": f"M{x:.1f} {top - 6:.1f}V{top + thick + 6:.1f}"}))
        parts.append(words(x, top - 10, f"{limit * 100:g} %", "middle" if limit < end else "end", "strong"))
    return picture(WIDTH, top + thick + 8, title, parts)


def share_strip(title: str, shares: Sequence[tuple[str, float]]) -> Markup:
    """A whole as one bar cut into its parts (name, size), in the colours of their turn."""
    total, gap, thick = sum(size for _, size in shares) or 1, 2.0, 14.0
    room, x = CARD - gap * (sum(1 for _, size in shares if size) - 1), 0.0
    parts = []
    for place, (name, size) in enumerate(shares):
        if not size:
            continue
        wide = room * size / total
        shape = {"class": colour(place), "x": x, "y": 0, "width": max(wide, 1), "height": thick, "rx": 3}
        parts.append(element("rect", shape, element("title", {}, f"{name}: {whole(size)}")))
        x += wide + gap
    return picture(CARD, thick, title, parts)


def column_chart(title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """A column for each label, made of a part for each series; small, for a card."""
    left, top, height = 44.0, 8.0, 92.0
    totals = [sum(values[place] for _, values in series) for place in range(len(labels))]
    highest = max(totals, default=0) or 1
    step = (CARD - left) / max(len(labels), 1)
    parts = [element("path", {"class": "rule", "d": f"M{left:.0f} {top + height:.1f}H{CARD:.0f}"})]
    parts.append(words(left - 8, top + 12, whole(highest), "end"))
    for place, label in enumerate(labels):
        y = top + height
        for index, (name, values) in enumerate(series):
            tall = height * values[place] / highest
            y -= tall
            if values[place]:
                shape = {"class": colour(index), "x": left + place * step + step * 0.15, "y": y, "width": step * 0.7}
                said = f"{label} {name}: {whole(values[place])}"
                parts.append(element("rect", {**shape, "height": max(tall, 1)}, element("title", {}, said)))
    for place in (0, len(labels) - 1):
        x = left + place * step + step / 2
        parts.append(words(x, top + height + 18, labels[place], "start" if place == 0 else "end"))
    return picture(CARD, top + height + 24, title, parts)
