"""How long a simulation takes: a draft beside the version in force, for every stored profile.

Builds a database of profiles in bulk, each with a state that the engine made, and simulates a draft that moves some of
them; then reads the same rows without deciding anything.
Run it: `python -m benchmarks.simulate [--database sqlite|postgresql] [--profiles 100000] [--ruleset KEY]`; for
PostgreSQL it starts a server of its own.

Expected: 100,000 profiles within a minute on two cores, and memory that does not grow with their number.
"""

import argparse
import json
import os
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from service.audit.rows import ProfileRow
from service.bootstrap import COMMAND_LINE, now, wire
from service.config import Config
from service.language.instants import write_instant
from service.operations.authoring.simulate import PAGE, Simulation, read_program, simulate_stored
from service.operations.evaluate import Request, evaluate_batch
from service.operations.ports import Unit
from service.operations.publish import publish_ruleset
from service.operations.service import Service
from tests.postgres import DURABLE, postgres_server
from tests.small import as_read

FOLDER = Path(__file__).parent.parent / "rulesets"
DAY = 86_400_000
AT_ONCE = 1_000
MODELS = 1_000
"""How many different profiles there are."""
MOST_SECONDS = 60.0


def main() -> int:
    """Simulate, print the figures; 1 if it takes longer than a minute for 100,000 profiles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--ruleset", default="line-activity-score", help="the key of a shipped one")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.database == "postgresql":
        with postgres_server(DURABLE) as server:
            return measure(server.empty(), options)
    with tempfile.TemporaryDirectory() as folder:
        return measure(f"sqlite:///{folder}/test.db", options)


def measure(url: str, options: argparse.Namespace) -> int:
    """Fill a database, simulate, and read the same rows; print both."""
    service = wire(Config(database_url=url))
    service.store.upgrade()
    document = json.loads((FOLDER / f"{options.ruleset}.json").read_bytes())
    publish_ruleset(service, json.dumps(document), "benchmark", COMMAND_LINE)
    began = perf_counter()
    fill(service, options.ruleset, options.profiles, document)
    print(f"{options.profiles:,} profiles stored in {perf_counter() - began:.0f} s", flush=True)
    text = json.dumps(changed(document))
    simulation = Simulation(
        active=service.programs.active(options.ruleset), draft=read_program(text), text=text, at=now()
    )
    before, began = memory(), perf_counter()
    found = simulate_stored(service, simulation, processes=options.processes)
    seconds = perf_counter() - began
    reading = read_all(service, options.ruleset)
    rate, most = options.profiles / seconds, MOST_SECONDS * options.profiles / 100_000
    print(f"{options.database}: {found['simulated']:,} simulated, {found['moved']['share']:.2%} would move")
    print(f"{seconds:.1f} s, {rate:,.0f} profiles/s; a plain read {reading:.1f} s, ratio {seconds / reading:.1f}")
    print(
        f"memory: {memory() - before:.0f} MiB more at most; {getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} a helper"
    )
    print("PASS" if seconds <= most else f"SHORT: expected at most {most:.0f} s", flush=True)
    service.store.close()
    return int(seconds > most)


def memory() -> float:
    """The most memory that this process had so far, in MiB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def changed(document: dict[str, Any]) -> dict[str, Any]:
    """The ruleset with every tier's upper bands a little higher, and without examples."""
    tiers = [
        tier | {"bands": [band | {"from": band["from"] + 1} if "from" in band else band for band in tier["bands"]]}
        for tier in document.get("tiers", [])
    ]
    return document | {"tiers": tiers, "examples": []}


def attributes(document: dict[str, Any], place: int, at: int) -> dict[str, Any]:
    """Values for every attribute, spread by the profile's place."""
    found: dict[str, Any] = {}
    for number, one in enumerate(document["attributes"]):
        spread = (place * 2_654_435_761 + number * 40_503) % 1_000
        low, high = one.get("minimum", 0), one.get("maximum", 100)
        match one["type"]:
            case "integer":
                found[one["key"]] = int(low + spread * (high - low) // 1_000)
            case "number":
                found[one["key"]] = low + spread * (high - low) / 1_000
            case "boolean":
                found[one["key"]] = spread < 500
            case "datetime":
                found[one["key"]] = write_instant(at - spread * DAY // 5)
            case "date":
                found[one["key"]] = write_instant(at - spread * DAY // 5)[:10]
            case "string" if one.get("enum"):
                found[one["key"]] = one["enum"][spread % len(one["enum"])]
            case "strings":
                found[one["key"]] = (one.get("enum") or ["a", "b"])[: spread % 3]
            case _:
                found[one["key"]] = f"text {spread}"
    return found


def fill(service: Service, key: str, size: int, document: dict[str, Any]) -> None:
    """Evaluate some profiles, and copy what is remembered of them under other ids."""
    at = now() - DAY
    items = [
        {"profile": {"id": f"model-{place:04}", "attributes": attributes(document, place, at)}}
        for place in range(min(MODELS, size))
    ]
    body = as_read({"items": items, "at": write_instant(at)})
    done = evaluate_batch(service, key, Request(body=body, caller=COMMAND_LINE), lambda error: {"error": error.detail})
    assert done.recorded == len(items), done.text[:1000]
    models = service.store.read(lambda reads: reads.population.page(key, "", MODELS))
    rest = iter(range(size - len(models)))
    while some := list(islice(rest, AT_ONCE)):
        copies = [models[place % len(models)]._replace(profile_id=f"copy-{place:08}", revision=1) for place in some]
        service.store.write(partial(record_all, rows=copies))


def record_all(unit: Unit, rows: list[ProfileRow]) -> None:
    """Remember some profiles."""
    for row in rows:
        unit.record([], [], row)


def read_all(service: Service, key: str) -> float:
    """How long it takes to read every row, in the same pages."""
    began, after = perf_counter(), ""

    def page(after: str) -> list[ProfileRow]:
        return service.store.read(lambda reads: reads.population.page(key, after, PAGE))

    while rows := page(after):
        after = rows[-1].profile_id
    return perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
