"""Eight processes on twenty profiles: does any update get lost, on either database?

`python -m benchmarks.hammer [--seconds 60] [--database sqlite|postgresql | --url URL]`. Each process decides the same
few profiles as fast as it can: one by one, in batches, under several rulesets, with events, under names that others use
too; one of them sweeps. Afterwards every profile is decided again from its records, one after the other, by the engine
alone: each must have begun from what the one before it left, and the last must be what is stored. Every reply must have
its record. Exit code 1 if anything does not fit.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.engine.decide import Remembered
from service.engine.decision import Event
from service.engine.evaluate import evaluate, missed, remember
from service.engine.facts import recall_facts
from service.errors import ServiceError
from service.language.instants import read_instant
from service.language.program import Program
from service.operations.evaluate import Request, evaluate_batch, evaluate_profile, evaluate_rulesets
from service.operations.ports import Caller
from service.operations.publish import publish_ruleset
from service.operations.repeats import Repeat
from service.operations.service import Service
from service.operations.sweep import Sweep, sweep
from tests.databases import evaluations, rows
from tests.postgres import DURABLE, postgres_server
from tests.small import RULESET

PROCESSES = 8
PROFILES = 20
KEYS = ("small", "other")
CALLER = Caller("hammer", frozenset({"evaluator"}), "hammer")


@dataclass
class Tally:
    """What one process got: the evaluations it was told of, and how often it was refused, by the error's name."""

    evaluations: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Hammer, check, print; 1 if anything was lost."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--url", help="an empty database, instead of one made for this")
    given = options.parse_args()
    with database(given.database, given.url) as url:
        tallies = hammer(url, given.seconds)
        problems = list(check(url, tallies))
        recorded = rows(url, "SELECT count(*) FROM evaluations")[0][0]
    refused = sum((one.refused for one in tallies), Counter())
    told = sum(len(one.evaluations) for one in tallies)
    print(f"{given.url or given.database}: {PROCESSES} processes, {PROFILES} profiles, {given.seconds:.0f} s")
    print(f"{told:,} replies ({told / given.seconds:,.0f}/s), {recorded:,} records, refused: {dict(refused) or 'none'}")
    print("\n".join(problems) or "every record follows on the one before; what is stored is what a replay gives")
    return 1 if problems else 0


@contextmanager
def database(kind: str, url: str | None) -> Iterator[str]:
    """The URL of an empty database of a kind."""
    if url:
        yield url
    elif kind == "postgresql":
        with postgres_server(DURABLE) as server:
            yield server.empty()
    else:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'hammer.db'}"


def hammer(url: str, seconds: float, processes: int = PROCESSES) -> list[Tally]:
    """Build the schema, publish two rulesets that change by themselves every few seconds, and let all processes go."""
    service = wire(Config(database_url=url))
    service.store.upgrade()
    for key in KEYS:
        publish_ruleset(service, json.dumps(restless(key)), "hammer", COMMAND_LINE)
    service.store.close()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        start = time.time() + 1.0
        return list(pool.map(partial(strike, url, start, seconds), range(processes)))


def restless(key: str) -> dict[str, Any]:
    """A ruleset under a key, in which time alone changes something within seconds."""
    ruleset = deepcopy(RULESET) | {"key": key}
    for tag in ruleset["tags"]:
        if tag["key"] == "greeted":
            tag["expires_after"] = "PT2S"
    return ruleset


def strike(url: str, start: float, seconds: float, number: int) -> Tally:
    """What one process does: from `start` on, for some seconds, one thing after another."""
    service = wire(Config(database_url=url))
    service.programs.warm()
    chance, tally = Random(number), Tally()  # noqa: S311  # no secret
    time.sleep(max(0.0, start - time.time()))
    until = max(start, time.time()) + seconds
    while time.time() < until:
        action = sweep_once if number == 0 and chance.random() < 0.2 else chance.choice(ACTIONS)
        try:
            tally.evaluations += action(service, chance)
        except ServiceError as refused:
            tally.refused[getattr(refused, "code", type(refused).__name__)] += 1
    service.store.close()
    return tally


def sweep_once(service: Service, _chance: Random) -> list[str]:
    """Decide whatever is due."""
    sweep(service, Sweep(until=service.clock()))
    return []


def decide_one(service: Service, chance: Random) -> list[str]:
    """Decide one profile."""
    return told(evaluate_profile(service, KEYS[0], request(body(chance))).text)


def decide_named(service: Service, chance: Random) -> list[str]:
    """Decide one profile under a name that another process may use at the same moment."""
    name = str(int(time.time() * 50))
    shared = body(Random(name))  # noqa: S311  # no secret
    repeat = Repeat("hammer", name, "same", 7)
    return told(evaluate_profile(service, chance.choice(KEYS[:1]), request(shared, repeat)).text)


def decide_batch(service: Service, chance: Random) -> list[str]:
    """Decide several profiles in one transaction, some of them twice."""
    items = [body(chance) for _ in range(chance.randrange(2, 12))]
    return told(
        evaluate_batch(service, KEYS[0], request({"items": items}), lambda error: {"detail": error.detail}).text
    )


def decide_several(service: Service, chance: Random) -> list[str]:
    """Decide one profile under both rulesets, in either order."""
    keys = chance.sample(KEYS, 2)
    return told(evaluate_rulesets(service, request({"rulesets": keys, **body(chance)})).text)


ACTIONS: tuple[Callable[[Service, Random], list[str]], ...] = (decide_one, decide_named, decide_batch, decide_several)


def body(chance: Random) -> dict[str, Any]:
    """A request about one of the profiles: new data, an event, or nothing new."""
    profile: dict[str, Any] = {"id": f"u{chance.randrange(PROFILES)}"}
    if chance.random() < 0.8:
        profile["attributes"] = {"visits": chance.randrange(12), "rate": Decimal(chance.randrange(100)) / 100}
    event = {"event": {"type": "hello"}} if chance.random() < 0.3 else {}
    return {"profile": profile, "merge": chance.random() < 0.3, **event}


def request(asked: dict[str, Any], repeat: Repeat | None = None) -> Request:
    """A request as an operation gets it."""
    return Request(body=asked, caller=CALLER, repeat=repeat)


def told(reply: bytes) -> list[str]:
    """The ids of the evaluations that a reply tells of."""
    found = json.loads(reply)
    return [one["evaluation_id"] for one in found.get("results", [found])]


def check(url: str, tallies: list[Tally]) -> Iterator[str]:
    """What does not fit: replies without a record, records that don't follow, memories that a replay does not give."""
    service = wire(Config(database_url=url))
    recorded: set[str] = set()
    last: dict[tuple[str, str], tuple[dict[str, Any], Remembered]] = {}
    counted: Counter[tuple[str, str]] = Counter()
    for row in evaluations(url):
        evaluation_id, trigger = row.id, row.trigger
        recorded.add(evaluation_id)
        record = json.loads(row.record, parse_float=Decimal)
        ruleset = row.ruleset
        key = (ruleset, row.profile_id)
        program = service.programs.published(ruleset, record["ruleset"]["version"]).program
        before, memory = last.get(key, (None, None))
        if (record["previous"] or {}).get("evaluation_id") != (before and before["id"]):
            yield f"{evaluation_id} does not follow on the one before it"
        after, state = replay(program, record, memory, is_missed=trigger == "sweep")
        if state != record["state"]:
            yield f"{evaluation_id} is decided otherwise by a replay"
        last[key] = record, after
        counted[key] += 1
    for key, (record, _) in last.items():
        kept = service.store.read(lambda reads, key=key: reads.profile(*key))
        stored = kept and (json.loads(kept.state, parse_float=Decimal), kept.evaluation_id, kept.revision)
        if stored != (record["state"], record["id"], counted[key]):
            yield f"{key} is not what its last record says"
    lost = {one for tally in tallies for one in tally.evaluations} - recorded
    yield from (f"{one} was replied and not recorded" for one in sorted(lost))
    service.store.close()


def replay(
    program: Program, record: dict[str, Any], before: Remembered | None, *, is_missed: bool
) -> tuple[Remembered, Any]:
    """Decide once more what a record says was decided; what is remembered then, and its state as JSON values."""
    at = read_instant(record["at"], program.where)
    if is_missed:
        outcome, after = next(missed(program, record["profile_id"], before, at))
    else:
        event = record["event"] and Event(
            **record["event"] | {"at": read_instant(record["event"]["at"], program.where)}
        )
        facts = recall_facts(program, record["facts"])
        (outcome,) = evaluate(program, record["profile_id"], facts, before, at=at, event=event)
        after = remember(program, facts, outcome)
    return after, json.loads(json.dumps(outcome.state.to_json(), default=list), parse_float=Decimal)


if __name__ == "__main__":
    sys.exit(main())
