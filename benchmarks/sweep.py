"""What a sweep costs: the same due profiles among few that are stored and among many.

Builds databases of profiles in bulk, each with a state that the engine made, of which some are due, and sweeps them.
Run it: `python -m benchmarks.sweep [--database sqlite|postgresql] [--small 10000] [--large 100000] [--due 1000]`; for
PostgreSQL it starts a server of its own.

Expected: the larger database costs at most 1.5 times the smaller.
"""

import argparse
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

from service.audit.rows import HoldingRow, ProfileRow
from service.audit.sealing_rows import SealedProfileRow
from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.language.instants import write_instant
from service.operations.evaluate import Request, evaluate_profile
from service.operations.holdings import holdings
from service.operations.publish import publish_ruleset
from service.operations.service import Service
from service.operations.sweep import Sweep, sweep
from service.store.database import open_database
from service.store.keyfolder import KeyFolder
from service.store.sealed import seal_profile
from service.store.statements import insert, run_all
from service.store.unlock import open_vault
from tests.postgres import DURABLE, postgres_server

RULESET = "telegram-lifecycle"
FILE = Path(__file__).parent.parent / "rulesets" / f"{RULESET}.json"
DAY = 86_400_000
START = 1_767_225_600_000
"""2026-01-01T00:00:00Z: everybody joins on this day."""
DUE = 1_768_608_000_000
"""When those who are due become at risk: fifteen days after their last click."""
TURNS = 3
AT_ONCE = 10_000
MOST = 1.5


def main() -> int:
    """Sweep both databases in turns, print the figures; 1 if the larger one costs too much."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        if options.database == "postgresql":
            with postgres_server(DURABLE) as server:
                ratio = _compare(options.database, [server.empty(), server.empty()], keys, options)
        else:
            ratio = _compare(options.database, [f"sqlite:///{folder}/{name}.db" for name in "ab"], keys, options)
    return int(ratio > MOST)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000, help="profiles in the smaller database")
    parser.add_argument("--large", type=int, default=100_000, help="profiles in the larger database")
    parser.add_argument("--due", type=int, default=1_000, help="how many of them are due in each turn")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


def _compare(name: str, urls: list[str], keys: Path, options: argparse.Namespace) -> float:
    services = [wire(Config(database_url=url, keys=keys)) for url in urls]
    sizes = [options.small, options.large]
    for service, url, size in zip(services, urls, sizes, strict=True):
        began = perf_counter()
        fill(service, url, keys, size, options.due)
        print(f"{name}: {size:,} profiles stored in {perf_counter() - began:.0f} s", flush=True)
    seconds: list[list[float]] = [[], []]
    for turn in range(TURNS):
        for service, found in zip(services, seconds, strict=True):
            began = perf_counter()
            done = sweep(service, Sweep(until=DUE + turn * DAY))
            found.append(perf_counter() - began)
            assert done.profiles == options.due, done
    for service in services:
        service.store.close()
    small, large = (sorted(found)[TURNS // 2] for found in seconds)
    ratio = large / small
    for size, found in zip(sizes, (small, large), strict=True):
        print(f"{name}: {options.due} due of {size:>9,}: {found:.2f} s, {options.due / found:,.0f} due profiles/s")
    print(f"{name}: ratio {ratio:.2f} (at most {MOST}) {'PASS' if ratio <= MOST else 'SHORT'}", flush=True)
    return ratio


def fill(service: Service, url: str, keys: Path, size: int, due: int) -> None:
    """Publish, have the engine make one state for each day, and copy it under other ids: `due` for each turn, the rest
    far ahead.
    """
    service.store.upgrade()
    publish_ruleset(service, FILE.read_bytes(), "benchmark", COMMAND_LINE)
    models = [_model(service, turn) for turn in (*range(TURNS), 300)]
    database = open_database(url)
    with database.connection_context():
        vault = open_vault(database, KeyFolder(keys))
        rows = (_copy(models, place, due) for place in range(size - len(models)))
        while some := list(islice(rows, AT_ONCE)):
            with database.atomic():
                sealed = [seal_profile(vault.new_key(row.ruleset, row.profile_id), row) for row in some]
                run_all(database, lambda count: insert(SealedProfileRow, count), sealed)
                run_all(database, lambda count: insert(HoldingRow, count), list(_held(some)))


def _model(service: Service, day: int) -> ProfileRow:
    clicked = write_instant(START + (day + 1) * DAY)
    attributes = {"joined_at": write_instant(START), "articles_read": 3, "last_click_at": clicked}
    body = {"profile": {"id": f"model-{day}", "attributes": attributes}, "at": clicked, "actions": "quiet"}
    evaluate_profile(service, RULESET, Request(body=body, caller=COMMAND_LINE))
    row = service.store.read(lambda reads: reads.profile(RULESET, f"model-{day}"))
    assert row is not None
    return row


def _copy(models: list[ProfileRow], place: int, due: int) -> ProfileRow:
    """Why each model counts as one of those that are due on its day: it is due itself."""
    turn = min(place // (due - 1), TURNS)
    return models[turn]._replace(profile_id=f"{place * 2_654_435_761 % (1 << 32):08x}")  # scattered over the table


def _held(rows: list[ProfileRow]) -> Iterator[HoldingRow]:
    for row in rows:
        yield from holdings(row)


if __name__ == "__main__":
    raise SystemExit(main())
