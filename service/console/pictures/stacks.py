"""Numbers of several kinds -> parts on top of one another over time, or side by side in a row for each name."""

from collections.abc import Sequence

from markupsafe import Markup

from service.console.pictures.charts import WIDTH, colour
from service.console.pictures.svg import element, picture, short, whole, words

Series = Sequence[tuple[str, Sequence[float]]]
LEFT, TOP, HEIGHT, ROW = 52.0, 12.0, 190.0, 30.0
MOST_LABELS = 8


def stacked_columns(title: str, labels: Sequence[str], series: Series) -> Markup:
    """A column for each label, made of a part for each series."""
    totals = [sum(values[place] for _, values in series) for place in range(len(labels))]
    highest = max(totals, default=0) or 1
    step = (WIDTH - LEFT) / max(len(labels), 1)
    parts = [_rule(highest, share) for share in (0.0, 0.5, 1.0)]
    every = -(-len(labels) // MOST_LABELS)
    for place, label in enumerate(labels):
        x, y = LEFT + place * step, TOP + HEIGHT
        for index, (name, values) in enumerate(series):
            tall = HEIGHT * values[place] / highest
            y -= tall
            if values[place]:
                parts.append(_part(index, (x + step * 0.15, y, step * 0.7, max(tall, 1)), label, name, values[place]))
        if place % every == 0:
            parts.append(words(x + step / 2, TOP + HEIGHT + 18, label, "middle"))
    return picture(WIDTH, TOP + HEIGHT + 28, title, parts)


def stacked_bars(title: str, labels: Sequence[str], series: Series) -> Markup:
    """A bar to the right for each label, made of a part for each series."""
    left, parts = 170.0, []
    totals = [sum(values[place] for _, values in series) for place in range(len(labels))]
    scale = (WIDTH - left - 70) / (max(totals, default=0) or 1)
    for place, label in enumerate(labels):
        x, y = left, place * ROW + 4
        parts.append(words(left - 10, y + 15, short(label, 24), "end"))
        for index, (name, values) in enumerate(series):
            if values[place]:
                wide = max(values[place] * scale, 1)
                parts.append(_part(index, (x, y, wide, ROW - 10), label, name, values[place]))
                x += wide
        parts.append(words(x + 8, y + 15, whole(totals[place]), "start", "strong"))
    return picture(WIDTH, max(len(labels), 1) * ROW + 4, title, parts)


def _rule(highest: float, share: float) -> Markup:
    y = TOP + HEIGHT * (1 - share)
    line = element("path", {"class": "rule", "d": f"M{LEFT:.0f} {y:.1f}H{WIDTH:.0f}"})
    return line + words(LEFT - 8, y + 4, whole(highest * share), "end")


def _part(index: int, box: tuple[float, float, float, float], label: str, name: str, value: float) -> Markup:
    x, y, wide, tall = box
    shape = {"class": colour(index), "x": x, "y": y, "width": wide, "height": tall}
    return element("rect", shape, element("title", {}, f"{label}, {name}: {whole(value)}"))
