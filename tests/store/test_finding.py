"""Finding in the log: whatever is asked, exactly what fits comes, along an index, and no page looks without end."""

from time import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.audit.find_rows import EVER, Sought
from service.audit.rows import AuditRow
from service.store import finding
from service.store.database import connected, open_database
from service.store.postgres import Pool
from service.store.store import Store
from tests.store.test_contract import change, evaluation, profile

START = 1_767_225_600_000
WORDS = {
    "profile_id": ["p0", "p1", "p2"],
    "ruleset": ["r", "s"],
    "version": [1, 2],
    "kind": ["tag", "stage"],
    "key": ["t", "lifecycle"],
    "outcome": ["assigned", "moved"],
    "movement": [None, "churn", "promotion"],
    "source": ["absent", "new"],
    "target": ["held", "active"],
    "rule": ["tags/t", "lifecycle/transitions/x"],
    "cause": ["data", "manual", "rules", "time"],
    "trigger": ["api", "manual", "sweep"],
    "actor": ["key", "person"],
    "request_id": ["q0", "q1"],
}
ROWS = st.lists(
    st.tuples(
        st.fixed_dictionaries({name: st.sampled_from(words) for name, words in WORDS.items()}), st.integers(0, 9)
    ),
    min_size=1,
    max_size=30,
)
EQUAL = st.dictionaries(st.sampled_from(sorted(WORDS)), st.integers(0, 3), max_size=4)
SPAN = st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 9)))


@pytest.fixture
def store(database_url):
    """A store on each database in turn."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def tight(monkeypatch):
    """Pages that look at very little."""
    monkeypatch.setattr(finding, "LOOKED_AT", 4)
    monkeypatch.setattr(finding, "FEW", 2)
    monkeypatch.setattr(finding, "COUNTED_AT", 6)


class Log:
    """A log that is written row by row; its recordings are a second apart."""

    def __init__(self, store):
        self.store = store
        self.rows = []

    def add(self, words, at):
        """One evaluation with one change."""
        number = len(self.rows) + 1
        when = {"at": START + at * 1000, "recorded_at": START + number * 1000}
        head = {name: words[name] for name in ("profile_id", "ruleset", "version", "trigger", "actor", "request_id")}
        name = f"{finding.first_of(when['recorded_at'])}{number:016}"
        one = change(number, **(words | when), evaluation_id=name)
        kept = profile(1, profile_id=f"{number}-{words['profile_id']}")
        self.store.write(lambda unit: unit.record([evaluation(number, **head, **when, id=name)], [one], kept))
        self.rows.append(one)

    def wanted(self, sought):
        """What fits, by looking at everything, newest first."""
        order = "at" if sought.recorded == EVER else "recorded_at"
        places = {row: place for place, row in enumerate(self.rows)}
        fitting = [row for row in self.rows if fits(row, sought)]
        return sorted(fitting, key=lambda row: (getattr(row, order), places[row]), reverse=True)


def fits(row, sought):
    """Whether a row is what is sought."""
    spans = ((row.at, sought.at), (row.recorded_at, sought.recorded))
    return all(getattr(row, name) == value for name, value in sought.equal.items()) and all(
        (low is None or low <= at) and (high is None or at < high) for at, (low, high) in spans
    )


def pages(store, sought, limit, between=lambda: None):
    """All pages of changes."""
    found, place = [], None
    while True:
        rows, place = store.read(lambda reads, below=place: reads.finding.changes(sought, below, limit))
        found += [one.row for one in rows]
        if place is None:
            return found
        between()


def asked(equal, at, recorded):
    """A question made of drawn parts."""
    values = {name: WORDS[name][number % len(WORDS[name])] for name, number in equal.items()}
    plain = {name: value for name, value in values.items() if value is not None}
    spans = [tuple(None if end is None else START + end * 1000 for end in span) for span in (at, recorded)]
    return Sought(plain, *spans)


@pytest.mark.usefixtures("tight")
@given(rows=ROWS, equal=EQUAL, at=SPAN, recorded=SPAN, limit=st.integers(1, 9))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_pages_hold_exactly_what_fits(store, rows, equal, at, recorded, limit):
    """Any combination of filters, at any size of page and however little a page looks at, gives exactly what fits."""
    log = Log(store)
    log.rows = [one.row for one in reversed(store.read(lambda reads: reads.changes({}, EVER, 1 << 62, 10_000)))]
    for words, moment in rows:
        log.add(words, moment)
    sought = asked(equal, at, recorded)
    wanted = log.wanted(sought)
    assert pages(store, sought, limit) == wanted
    count, is_all = store.read(lambda reads: reads.finding.count_changes(sought, 5))
    assert count == min(len(wanted), 5) if is_all else count <= min(len(wanted), 5)
    assert not is_all or len(wanted) <= 5
    heads = [one for one in log.rows if fits(one, sought)]
    if not set(equal) - {"profile_id", "ruleset", "version", "trigger", "actor", "request_id"}:
        found, place = [], None
        while True:
            some, place = store.read(lambda reads, below=place: reads.finding.evaluations(sought, below, limit))
            found += [one.id for one in some]
            if place is None:
                break
        assert found == [one.evaluation_id for one in reversed(heads)]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_what_is_recorded_meanwhile_moves_no_page(store, tight, limit):
    """While pages are read others write; what was there is on exactly one page, whatever its instant."""
    log = Log(store)
    words = {name: values[0] for name, values in WORDS.items()}
    for number in range(12):
        log.add(words, number % 5)
    for equal in ({}, {"profile_id": "p0"}, {"outcome": "assigned"}):
        there = list(log.rows)
        moments = iter([9, 3, 0, 5, 1, 9, 2] * 9)
        found = pages(
            store, Sought(equal), limit, lambda each=moments: log.add(words, next(each)) if len(log.rows) < 99 else None
        )
        assert [row for row in found if row in there] == sorted(
            there, key=lambda row: (row.at, row.recorded_at), reverse=True
        )


def test_audit_events_are_found(store, tight):
    """Who changed what is found by actor, action, subject, request and time, newest first."""
    rows = []
    for number in range(12):
        at = START + number * 1000
        name = f"{finding.first_of(at)}{number:016}"
        row = AuditRow(name, at, f"a{number % 2}", f"x.{number % 3}", f"s{number % 4}", "{}", f"q{number}")
        store.write(lambda unit, row=row: unit.audit(row))
        rows.append(row)
    for equal, span in (
        ({}, EVER),
        ({"actor": "a1"}, EVER),
        ({"action": "x.2", "actor": "a0"}, EVER),
        ({"subject": "s3", "request_id": "q7"}, EVER),
        ({"actor": "a1"}, (START + 3000, START + 8000)),
        ({}, (START + 3000, None)),
    ):
        sought, found, place = Sought(equal, span), [], None
        while True:
            some, place = store.read(lambda reads, s=sought, below=place: reads.finding.events(s, below, 2))
            found += [one.id for one in some]
            if place is None:
                break
        low, high = span
        assert found == [
            row.id
            for row in reversed(rows)
            if all(getattr(row, name) == value for name, value in equal.items())
            and (low or 0) <= row.at < (high or 1 << 62)
        ]


NOW = int(time() * 1000)
QUESTIONS = [
    Sought({}),
    Sought({}, (1, 9)),
    Sought({}, EVER, (NOW - 9, NOW)),
    Sought({"profile_id": "p"}),
    Sought({"ruleset": "r"}),
    Sought({"ruleset": "r", "version": 2}),
    Sought({"ruleset": "r", "kind": "tag", "key": "t"}, (1, 9)),
    Sought({"ruleset": "r", "kind": "tag", "key": "t", "outcome": "removed", "cause": "data"}),
    Sought({"rule": "lifecycle/transitions/x", "ruleset": "r"}),
    Sought({"rule": "tags/t"}),
    Sought({"cause": "manual"}, (1, None)),
    Sought({"cause": "data"}),
    Sought({"trigger": "publish"}),
    Sought({"trigger": "sweep"}),
    Sought({"movement": "churn"}),
    Sought({"actor": "a"}),
    Sought({"request_id": "q"}),
    Sought({"actor": "a", "target": "held"}, (1, 9), (NOW - 9, NOW)),
]
SLOW = (
    "Seq Scan",
    "Sort  (",
    "TEMP B-TREE",
    "SCAN changes_",
    "SCAN changes\n",
    "SCAN evaluations\n",
    "SCAN audit_events\n",
)
INDEXED = {
    "profile_id": "profile_id_at",
    "version": "ruleset_version",
    "key": "ruleset_kind_key",
    "movement": "movement",
    "actor": "actor",
    "request_id": "request_id",
}


@pytest.mark.parametrize("sought", QUESTIONS, ids=range(len(QUESTIONS)))
def test_every_question_is_read_along_an_index(database_url, monkeypatch, sought):
    """No question reads a table through or sorts it: not the page, nor the count of what it looks at."""
    monkeypatch.setattr(finding, "FEW", 0)
    asked, plain = [], finding.run

    def noted(database, sql, values=()):
        asked.append((sql, values))
        return plain(database, sql, values)

    monkeypatch.setattr(finding, "run", noted)
    opened = open_database(database_url)
    with connected(opened):
        finding.Finding(opened).changes(sought, (NOW - 5, 5), 10)
        finding.Finding(opened).count_changes(sought, 10)
        finding.Finding(opened).evaluations(Sought({"request_id": "q"}), None, 10)
        finding.Finding(opened).events(Sought({"actor": "q"}), None, 10)
        plans = [plan_of(opened, sql, values) for sql, values in asked]
    if isinstance(opened, Pool):
        opened.close_idle()
    for (sql, _), plan in zip(asked, plans, strict=True):
        assert not [line for line in plan.splitlines(keepends=True) if any(word in line for word in SLOW)], (sql, plan)
    for name, index in INDEXED.items():
        if list(sought.equal) == [name]:
            assert any(index in plan for plan in plans)


def plan_of(opened, sql, values):
    """How a database would read a statement, if its tables were too large to be read through or sorted."""
    if not isinstance(opened, Pool):
        return "".join(f"{row[3]}\n" for row in opened.execute_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)))
    for name in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
        opened.execute_sql(f"SET {name} = off")
    return "\n".join(row[0] for row in opened.execute_sql(f"EXPLAIN {sql}".replace("?", "%s"), tuple(values)))
