"""Elements of an SVG, as safe text: `element("rect", {"x": 1}, ...)`. Numbers are written short."""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape


def element(name: str, attributes: Mapping[str, Any], *inside: str | Markup) -> Markup:
    """One element; texts inside are escaped, elements are not; an attribute that is `None` is left out."""
    words = "".join(f' {key}="{escape(_short(value))}"' for key, value in attributes.items() if value is not None)
    return Markup(f"<{name}{words}>{join(inside)}</{name}>")  # noqa: S704  # names are ours, values are escaped


def picture(width: float, height: float, title: str, parts: Iterable[str | Markup]) -> Markup:
    """A whole picture, as wide as its place allows; `title` says what is seen to who can't see it."""
    view = f"0 0 {_short(width)} {_short(height)}"
    box = {"class": "chart", "viewBox": view, "role": "img", "aria-label": title, "width": width, "height": height}
    return element("svg", box, *parts)


def join(parts: Iterable[str | Markup]) -> Markup:
    """Parts one after the other, plain texts escaped."""
    return Markup("").join(escape(part) for part in parts)


def words(x: float, y: float, text: str, anchor: str = "start", kind: str | None = None) -> Markup:
    """A line of text."""
    return element("text", {"x": x, "y": y, "text-anchor": anchor, "class": kind}, text)


def short(text: str, most: int) -> str:
    """A text cut to a number of columns, where a Chinese character takes two."""
    room, found = most, ""
    for letter in text:
        room -= 2 if ord(letter) > 0x2E7F else 1  # noqa: PLR2004  # where wide characters begin
        if room < 0:
            return found + "…"
        found += letter
    return found


def whole(number: float) -> str:
    """A number as people read it: 12, 3,400, 1.2M."""
    if abs(number) >= 1_000_000:  # noqa: PLR2004
        return f"{number / 1_000_000:.1f}M"
    return f"{number:,.0f}"


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
