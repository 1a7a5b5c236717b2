"""A report -> what is seen of it: figures, a picture, and tables that say the same in words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from markupsafe import Markup

from service.console.pictures.charts import bar_chart, flow_picture, line_chart
from service.console.pictures.stacks import stacked_bars, stacked_columns
from service.console.report_titles import Titles
from service.console.texts import Speaker
from service.language.instants import local_date, read_instant, to_wall
from service.language.program import Program

HELD = "held"
MOST_LINES = 8
MOST_ROWS = 400
Rows = Sequence[Mapping[str, Any]]


class Figure(NamedTuple):
    """A number with its name; `change` is how much more than at the beginning of the period."""

    title: str
    text: str
    change: int | None = None


class Table(NamedTuple):
    """Rows of texts; the first so many columns are words, the others numbers."""

    title: str
    words: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class View:
    """What a report shows; `key` names the colours of the picture."""

    figures: Sequence[Figure] = ()
    picture: Markup | None = None
    key: Sequence[str] = ()
    tables: Sequence[Table] = field(default=())


def show_report_of(report: Mapping[str, Any], program: Program, t: Speaker) -> View:
    """The view of any report."""
    titles = Titles(program, t)
    rows = report["rows"]
    match report["report"]:
        case "transitions":
            return _transitions(rows, report["movements"], titles, t)
        case "retention":
            return _retention(rows, program.where, titles, t)
        case "causes":
            return _causes(rows, program.where, titles, t)
        case _ if any(row["by"] is not None for row in rows):
            return _apart(rows, titles, t)
        case _:
            return _over_time(rows, program.where, titles, t)


def day_name(text: str, where: tzinfo) -> str:
    """The day of an instant, and its time unless that is midnight."""
    at = read_instant(text, UTC)
    moment = to_wall(at, where)
    return local_date(at, where).isoformat() + ("" if (moment.hour, moment.minute) == (0, 0) else f" {moment:%H:%M}")


def _over_time(rows: Rows, where: tzinfo, titles: Titles, t: Speaker) -> View:
    at = sorted({str(row["at"]) for row in rows})
    counts = {(row["key"], row["value"], row["at"]): row["count"] for row in rows}
    held = sorted({(row["key"], row["value"]) for row in rows}, key=titles.place)
    if rows and rows[0]["value"] == HELD:  # Why: stages and bands have an order of their own, tags have none
        held.sort(key=lambda one: -counts.get((*one, at[-1]), 0))
    names = [titles.held(*one) for one in held]
    series = [[counts.get((*one, instant), 0) for instant in at] for one in held]
    figures = [
        Figure(name, f"{values[-1]:,}", values[-1] - values[0] if len(at) > 1 else None)
        for name, values in zip(names, series, strict=True)
    ]
    picture, key = None, names[:MOST_LINES]
    if len(at) > 1:
        labels = [day_name(instant, where)[5:] for instant in at]
        lines = [(name, [float(one) for one in values]) for name, values in zip(key, series, strict=False)]
        picture = line_chart(t("reports.over_time"), labels, lines)
    elif held:
        picture, key = bar_chart(t("reports.now"), [(n, float(v[-1])) for n, v in zip(names, series, strict=True)]), []
    table = [
        [day_name(instant, where), *(f"{values[place]:,}" for values in series)]
        for place, instant in reversed(list(enumerate(at)))
    ]
    tables = [Table(t("reports.over_time"), 1, [t("reports.day"), *names], table[:MOST_ROWS])] if held else []
    return View(figures if len(figures) <= MOST_LINES else (), picture, key, tables)


def _apart(rows: Rows, titles: Titles, t: Speaker) -> View:
    held = sorted({(row["key"], row["value"]) for row in rows}, key=titles.place)
    others = sorted({row["by"] for row in rows}, key=lambda one: (one is None, one or ""))
    counts = {(row["key"], row["value"], row["by"]): row["count"] for row in rows}
    names, beside = [titles.held(*one) for one in held], [titles.beside(one) for one in others]
    series = [
        (name, [float(counts.get((*one, other), 0)) for one in held])
        for name, other in zip(beside, others, strict=True)
    ]
    table = [
        [name, *(f"{counts.get((*one, other), 0):,}" for other in others)]
        for name, one in zip(names, held, strict=True)
    ]
    picture = stacked_bars(t("reports.apart"), names, series)
    return View((), picture, beside, [Table(t("reports.apart"), 1, [t("reports.what"), *beside], table)])


def _transitions(rows: Rows, movements: Rows, titles: Titles, t: Speaker) -> View:
    flows: Counter[tuple[str | None, str | None]] = Counter()
    tags: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        flows[row["from"], row["to"]] += row["count"]
        word = "kept" if row["from"] == row["to"] else "lost" if row["to"] in {None, "absent"} else "gained"
        tags[row["key"]][word] += row["count"]
    if any("held" in pair for pair in flows):
        return View((), None, (), [_gains(tags, titles, t), *_moves(movements, titles, t)])
    before, after = (sorted({pair[side] for pair in flows}, key=titles.rank) for side in (0, 1))
    named = {(titles.value(source), titles.value(target)): count for (source, target), count in flows.items()}
    left, right = ([(titles.value(one),) * 2 for one in ends] for ends in (before, after))
    picture = flow_picture(t("reports.transitions"), named, left, right) if flows else None
    matrix = [
        [titles.value(source), *(f"{flows[source, target]:,}" for target in after), f"{_sum(flows, source):,}"]
        for source in before
    ]
    columns = [t("reports.from_to"), *(titles.value(one) for one in after), t("reports.sum")]
    moved = sum(count for (source, target), count in flows.items() if source not in {target, None})
    figures = [
        Figure(t("reports.moved"), f"{moved:,}"),
        Figure(t("reports.stayed"), f"{sum(count for (a, b), count in flows.items() if a == b):,}"),
        Figure(t("reports.came"), f"{_sum(flows, None):,}"),
    ]
    tables = [Table(t("reports.matrix"), 1, columns, matrix)] if flows else []
    return View(figures if flows else (), picture, (), [*tables, *_moves(movements, titles, t)])


def _gains(tags: Mapping[str, Counter[str]], titles: Titles, t: Speaker) -> Table:
    words = ("kept", "gained", "lost")
    rows = [[titles.held(key, "held"), *(f"{found[word]:,}" for word in words)] for key, found in sorted(tags.items())]
    return Table(t("reports.matrix"), 1, [t("reports.tag"), *(t("reports." + word) for word in words)], rows)


def _moves(movements: Rows, titles: Titles, t: Speaker) -> list[Table]:
    found: Counter[tuple[str, ...]] = Counter()
    for row in movements:
        movement = t.or_key(f"movement.{row['movement']}", row["movement"] or "—")
        key = titles.held(row["key"], "held") if "held" in (row["from"], row["to"]) else ""
        source, target = titles.value(row["from"]), titles.value(row["to"])
        found[key or source, target, movement, t.or_key(f"cause.{row['cause']}", row["cause"] or "—")] += row["count"]
    columns = [t("reports." + name) for name in ("from", "to", "movement", "cause", "count")]
    rows = [[*words, f"{count:,}"] for words, count in found.most_common(MOST_ROWS)]
    return [Table(t("reports.moves"), 4, columns, rows)] if rows else []


def _retention(rows: Rows, where: tzinfo, titles: Titles, t: Speaker) -> View:
    words = ("entered", "reached", "missed", "open", "already")
    sums = {word: sum(row[word] for row in rows) for word in words}
    figures = [
        Figure(t("reports.rate"), _percent(sums)),
        *(Figure(t("reports." + one), f"{sums[one]:,}") for one in words),
    ]
    by: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    since: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for word in words:
            by[row["by"]][word] += row[word]
            since[row["since"]][word] += row[word]
    columns = [t("reports.rate"), *(t("reports." + one) for one in words)]
    tables, key = [], []
    if set(by) != {None}:
        grouped = [
            [titles.beside(one), _percent(found), *(f"{found[w]:,}" for w in words)] for one, found in by.items()
        ]
        tables.append(Table(t("reports.by_group"), 1, [t("reports.group"), *columns], grouped))
        bars = [(titles.beside(one), 100 * (_rate(found) or 0)) for one, found in by.items()]
        picture: Markup | None = bar_chart(t("reports.rate_by_group"), bars)
    else:
        rates = [None if (one := _rate(found)) is None else round(100 * one, 1) for found in since.values()]
        labels, line = [day_name(instant, where)[5:] for instant in since], (t("reports.rate"), rates)
        picture = line_chart(t("reports.rate_over_time"), labels, [line]) if len(rates) > 1 else None
        key = [t("reports.rate")]
    table = [[day_name(one, where), _percent(found), *(f"{found[w]:,}" for w in words)] for one, found in since.items()]
    tables.append(Table(t("reports.by_entry"), 1, [t("reports.entered_from"), *columns], table[:MOST_ROWS]))
    return View(figures, picture, key, tables) if rows else View()


def _causes(rows: Rows, where: tzinfo, titles: Titles, t: Speaker) -> View:
    causes, since = Counter[str](), list(dict.fromkeys(row["since"] for row in rows))
    of_step = Counter[tuple[str, str]]()
    what: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        causes[row["cause"] or ""] += row["count"]
        of_step[row["cause"] or "", row["since"]] += row["count"]
        change = t.or_key(f"outcome.{row['outcome']}", row["outcome"])
        became = titles.value(row["to"]) if row["kind"] != "tag" else ""
        said = f"{change} → {became}" if became else change
        what[titles.thing(row["kind"], row["key"]), said, _cause(row["cause"], t), row["rule"] or ""] += row["count"]
    names = [_cause(one, t) for one, _ in causes.most_common()]
    figures = [Figure(_cause(one, t), f"{count:,}") for one, count in causes.most_common()]
    series = [(_cause(one, t), [float(of_step[one, at]) for at in since]) for one, _ in causes.most_common()]
    labels = [day_name(at, where)[5:] for at in since]
    picture = stacked_columns(t("reports.causes"), labels, series) if rows else None
    columns = [t("reports." + name) for name in ("what", "change", "cause", "rule", "count")]
    table = [[*words, f"{count:,}"] for words, count in what.most_common(MOST_ROWS)]
    return View(figures, picture, names, [Table(t("reports.by_rule"), 4, columns, table)] if rows else [])


def _cause(cause: str | None, t: Speaker) -> str:
    return t.or_key(f"cause.{cause}", cause or "—")


def _sum(flows: Mapping[tuple[str | None, str | None], int], source: str | None) -> int:
    return sum(count for (its_source, _), count in flows.items() if its_source == source)


def _rate(found: Mapping[str, int]) -> float | None:
    known = found["reached"] + found["missed"]
    return found["reached"] / known if known else None


def _percent(found: Mapping[str, int]) -> str:
    rate = _rate(found)
    return "—" if rate is None else f"{100 * rate:.1f} %"
