"""What does it cost to find something among a million changes, beside reading one row by its primary key?

Rows are made up and inserted in bulk, not decided: half a million evaluations and a million changes over two years, of
five rulesets, a hundred thousand profiles, forty tags; what is rare in practice is rare here (a person's word, a
publish, a churn). Every question is asked `--times` times for other values where it has a value to choose, a page of
100 each; printed are the median and the 99th percentile in milliseconds, and the median over that of a read by primary
key. Expected: below 10 ms for every question but the counts.

    python -m benchmarks.find --database sqlite --changes 1000000
"""

import sqlite3
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg

from service.audit.find_rows import EVER, Sought
from service.audit.rows import ChangeRow
from service.store.months import add_months, month_of
from service.store.reads import Reads
from service.store.store import Store
from tests.postgres import DURABLE, postgres_server

START = 1_704_067_200_000
SPAN = 2 * 365 * 86_400_000
CHUNK = 10_000
PAGE = 100
EVALUATION = (
    *("seq", "id", "ruleset", "version", "digest", "engine", "profile_id", "at", "recorded_at"),
    *("trigger", "actor", "request_id", "record", "commitment"),
)
CHANGE = ("seq", *ChangeRow._fields)
STAGES = ("new", "active", "core", "at_risk", "churned", "paid")
Question = Callable[[], tuple[dict[str, object], tuple, tuple]]
MOVES = ("promotion",) * 6 + ("demotion",) * 3 + ("recovery",)


def entries(count: int) -> Iterator[tuple[list[tuple], list[tuple]]]:
    """Evaluations with two changes each, oldest first, in chunks."""
    random = Random(1)  # noqa: S311  # made-up rows keep no secret
    evaluations, changes = [], []
    for number in range(count // 2):
        at = START + number * SPAN // (count // 2)
        recorded = at + random.randint(0, 5_000)
        share = random.random()
        trigger = "manual" if share < 0.001 else "publish" if share < 0.002 else "sweep" if share < 0.3 else "api"
        actor = {"sweep": "sweeper", "manual": f"person{random.randint(1, 20)}"}.get(
            trigger, f"key{min(random.randint(1, 8), 4)}"
        )
        request = "sweep" if trigger == "sweep" else f"{number // 4:026}"
        ruleset = f"rules{min(random.randint(0, 7), 4)}"
        version = 1 + number * 12 // (count // 2)
        profile = f"u-{random.randint(1, max(count // 10, 1))}"
        name = f"{number:026}"
        evaluations.append(
            (number + 1, name, ruleset, version, "sha256:0", "e", profile, at, recorded, trigger, actor, request)
        )
        for position in range(2):
            what = thing(random, trigger)
            row = (name, position, profile, ruleset, version, *what, at, recorded, trigger, actor, request)
            changes.append((2 * number + position + 1, *row))
        if len(changes) >= CHUNK:
            yield evaluations, changes
            evaluations, changes = [], []
    yield evaluations, changes


def thing(random: Random, trigger: str) -> tuple[object, ...]:
    """What changed: kind, key, outcome, movement, from, to, rule, cause."""
    cause = {"manual": "manual", "publish": "rules", "sweep": "time"}.get(trigger, random.choice(("data", "first")))
    kind = random.choice(("tag", "tag", "tag", "tier", "stage"))
    if kind == "tag":
        tag = f"tag{int(40 * random.random() ** 3)}"
        outcome = "expired" if random.random() < 0.002 else random.choice(("assigned", "removed"))
        to = "held" if outcome == "assigned" else "absent"
        return kind, tag, outcome, None, "absent", to, f"tags/{tag}", "expiry" if outcome == "expired" else cause
    if kind == "tier":
        return kind, "band", "rose", None, "seed", "sprout", "tiers/band", cause
    movement = "churn" if random.random() < 0.002 else random.choice(MOVES)
    rule = "lifecycle/transitions/" + ("leaves" if movement == "churn" else f"t{random.randint(1, 9)}")
    return kind, "lifecycle", "moved", movement, random.choice(STAGES), random.choice(STAGES), rule, cause


def questions(random: Random, count: int) -> dict[str, Question]:
    """Questions by name; each gives the columns, the range of time and that of recording that are asked for."""

    def window(days: float) -> tuple[int, int]:
        start = START + int(random.random() * (SPAN - days * 86_400_000))
        return start, start + int(days * 86_400_000)

    def plain(**equal: Callable[[], object] | object) -> Question:
        return lambda: ({name: one() if callable(one) else one for name, one in equal.items()}, EVER, EVER)

    profile = lambda: f"u-{random.randint(1, count // 10)}"  # noqa: E731
    tag = lambda: f"tag{random.randint(0, 39)}"  # noqa: E731
    version = lambda: random.randint(1, 12)  # noqa: E731
    return {
        "nothing": plain(),
        "profile": plain(profile_id=profile),
        "profile, one tag": plain(profile_id=profile, kind="tag", key=tag),
        "ruleset": plain(ruleset="rules1"),
        "ruleset, a month": lambda: ({"ruleset": "rules1"}, window(30), EVER),
        "ruleset, version": plain(ruleset="rules2", version=version),
        "one tag": plain(ruleset="rules1", kind="tag", key=tag),
        "one tag, removed": plain(ruleset="rules1", kind="tag", key=tag, outcome="removed"),
        "one tag, a week": lambda: ({"ruleset": "rules1", "kind": "tag", "key": tag()}, window(7), EVER),
        "one tag, by a person": plain(ruleset="rules1", kind="tag", key=tag, cause="manual"),
        "stages": plain(ruleset="rules1", kind="stage"),
        "one transition": plain(ruleset="rules1", rule="lifecycle/transitions/leaves"),
        "churn, a month": lambda: ({"movement": "churn"}, window(30), EVER),
        "to churned": plain(ruleset="rules1", kind="stage", key="lifecycle", target="churned"),
        "outcome expired": plain(outcome="expired"),
        "cause manual": plain(cause="manual"),
        "cause rules, version": plain(cause="rules", ruleset="rules1", version=version),
        "cause time, a day": lambda: ({"cause": "time"}, window(1), EVER),
        "trigger publish": plain(trigger="publish"),
        "a person": plain(actor=lambda: f"person{random.randint(1, 20)}"),
        "a busy key, a day": lambda: ({"actor": "key1"}, window(1), EVER),
        "a request": plain(request_id=lambda: f"{random.randint(1, count // 8):026}"),
        "sweeps of a ruleset": plain(request_id="sweep", ruleset="rules4"),
        "an hour": lambda: ({}, window(1 / 24), EVER),
        "a month": lambda: ({}, window(30), EVER),
        "recorded in an hour": lambda: ({}, EVER, window(1 / 24)),
        "recorded in a month, one tag": lambda: (
            {"ruleset": "rules1", "kind": "tag", "key": tag()},
            EVER,
            window(30),
        ),
    }


def fill_sqlite(path: Path, count: int) -> None:
    """Insert the rows into a SQLite database."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous=OFF")
        for evaluations, changes in entries(count):
            marks = ", ".join("?" * len(EVALUATION))
            named = ", ".join(f'"{name}"' for name in EVALUATION)
            database.executemany(
                f"INSERT INTO evaluations ({named}) VALUES ({marks})",  # noqa: S608  # our own names
                [(*row, b"{}", "") for row in evaluations],
            )
            marks = ", ".join("?" * len(CHANGE))
            named = ", ".join(f'"{name}"' for name in CHANGE)
            database.executemany(f"INSERT INTO changes ({named}) VALUES ({marks})", changes)  # noqa: S608  # our own names


def fill_postgres(url: str, count: int) -> None:
    """Copy the rows into a PostgreSQL database."""
    with psycopg.connect(url) as database:
        for evaluations, changes in entries(count):
            for table, names, rows in (
                ("evaluations", EVALUATION, [(*row, b"{}", "") for row in evaluations]),
                ("changes", CHANGE, changes),
            ):
                named = ", ".join(f'"{name}"' for name in names)
                with database.cursor().copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:  # type: ignore[arg-type]
                    for row in rows:
                        copy.write_row(row)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE evaluations")
        database.execute("VACUUM ANALYZE changes")


def timed(store: Store, job: Callable, times: int) -> list[float]:
    """Milliseconds of a job that reads, several times."""
    found = []
    for _ in range(times):
        started = perf_counter()
        store.read(job)
        found.append((perf_counter() - started) * 1000)
    return found


def ask(store: Store, count: int, times: int) -> None:
    """Ask every question, and print what it took."""
    random = Random(2)  # noqa: S311  # as above

    def by_key(reads: Reads) -> object:
        return reads.outbox.changes_at([random.randint(1, count)])

    timed(store, by_key, 50)
    one = median(timed(store, by_key, times))
    print(f"{'a change by its primary key':32} {one:8.2f} ms")
    for name, question in questions(random, count).items():
        sizes = sizes_of(store, question)
        timed(store, partial(page, question), 3)
        took = timed(store, partial(page, question), times)
        counted = median(timed(store, partial(count_all, question), max(times // 5, 3)))
        p99 = quantiles(took, n=100)[98]
        print(
            f"{name:32} {median(took):8.2f} ms  p99 {p99:7.2f}  x{median(took) / one:6.1f}"
            f"  rows {median(sizes):5.0f}  count {counted:7.2f} ms"
        )


def page(question: Question, reads: Reads) -> int:
    """The first page of a question; how many it has."""
    rows, _ = reads.finding.changes(Sought(*question()), None, PAGE)
    return len(rows)


def count_all(question: Question, reads: Reads) -> None:
    """Count what fits a question."""
    reads.finding.count_changes(Sought(*question()), 10_000)


def sizes_of(store: Store, question: Question) -> list[int]:
    """How many rows some first pages have."""
    return [store.read(partial(page, question)) for _ in range(10)]


def main() -> None:
    """Run on one database or both."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    if options.database != "postgresql":
        with TemporaryDirectory() as folder:
            path = Path(folder) / "find.db"
            store = Store(f"sqlite:///{path}")
            store.upgrade()
            fill_sqlite(path, options.changes)
            print(f"SQLite, {options.changes} changes")
            ask(store, options.changes, options.times)
            store.close()
    if options.database != "sqlite":
        with postgres_server(DURABLE) as server:
            url = server.migrated()
            store = Store(url)
            months = {month_of(START + day * 86_400_000) for day in range(SPAN // 86_400_000 + 31)}
            add_months(store._database, sorted(months))  # noqa: SLF001  # what the service does as records come
            fill_postgres(url, options.changes)
            print(f"PostgreSQL, {options.changes} changes")
            ask(store, options.changes, options.times)
            store.close()


if __name__ == "__main__":
    main()
