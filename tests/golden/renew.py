"""Makes the golden corpus: some hundred records of the shipped rulesets, lived through the service, from a fixed seed.

    python -m tests.golden.renew --reason "why the answers of before are no longer the right ones"

Every engine must decide these records again and give the same bytes. So the corpus is renewed only for a reason, which
is written into README.md beside it; without one nothing is overwritten.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from benchmarks.profiles import People
from service.bootstrap import COMMAND_LINE
from service.language.canonical import canonical_bytes
from service.language.pipeline import read_ruleset
from service.operations.evaluate import evaluate_profile
from service.operations.keyring import KeyRing
from service.operations.manual import set_tag
from service.operations.programs import Programs
from service.operations.publish import publish_ruleset
from service.operations.service import Service
from service.operations.sweep import Sweep, sweep
from service.store.store import Store
from tests.conftest import HandClock
from tests.small import DAY, START, request

FOLDER = Path(__file__).parent
RULESETS = FOLDER.parents[1] / "rulesets"
PROFILES = 4
SEED = 7
DROPPED = ("examples", "description", "title", "purpose", "owner", "comment")
"""What decides nothing, and would only make the files longer."""


class CountedIds:
    """Ids that are the same on every run."""

    def __init__(self) -> None:
        self.count = 0

    def ulid(self, at: int) -> str:
        """The next one."""
        self.count += 1
        return f"{at:013d}{self.count:013d}"

    def secret(self) -> str:
        """None is needed."""
        raise NotImplementedError


def main() -> int:
    """Write the corpus, and why."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--reason", help="why the corpus is made anew; one sentence")
    options = parser.parse_args()
    if not options.reason:
        sys.stderr.write("the corpus is kept: say with --reason why its answers are no longer the right ones\n")
        return 1
    lived = [(file.stem, list(records(file))) for file in sorted(RULESETS.glob("*.json"))]
    for name, lines in lived:
        (FOLDER / f"{name}.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    readme = FOLDER / "README.md"
    day = datetime.now(UTC).date().isoformat()
    readme.write_text(f"{readme.read_text('utf-8')}- {day}: {options.reason}\n", "utf-8")
    sys.stdout.write(f"{sum(len(lines) for _, lines in lived)} lines\n")
    return 0


def records(file: Path) -> Iterator[bytes]:
    """One ruleset's lines: its versions, then the records in their order."""
    clock = HandClock(START)
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/golden.db")
        service = Service(
            store=store,
            clock=clock,
            ids=CountedIds(),
            programs=Programs(store, clock),
            keyring=KeyRing(store, clock),
            idempotency_days=7,
        )
        store.upgrade()
        document = plain(json.loads(file.read_text("utf-8")))
        publish_ruleset(service, json.dumps(document), "golden", COMMAND_LINE)
        live(service, clock, document)
        key = document["key"]
        for version in (1, 2):
            row = store.read(lambda reads, number=version: reads.version(key, number))
            yield canonical_bytes({"version": version, "apply": row.apply, "document": orjson.Fragment(row.document)})
        rows = store.read(lambda reads: reads.evaluations({"ruleset": key}, (None, None), 1 << 62, 10_000))
        for one in reversed(rows):
            yield one.row.record.encode()
        store.close()


def plain(document: Any) -> Any:
    """A document without what decides nothing."""
    if isinstance(document, list):
        return [plain(one) for one in document]
    if not isinstance(document, dict):
        return document
    kept = {
        name: plain(value)
        for name, value in document.items()
        if name not in DROPPED or (name == "title" and "format" in document)
    }
    return {**kept, "title": "Golden"} if "format" in document else kept


def live(service: Service, clock: HandClock, document: Any) -> None:
    """Profiles that come and go, events, people's words, time, and another version in the middle."""
    random = Random(f"{document['key']} {SEED}")  # noqa: S311  # made-up people keep no secret
    program = service.programs.active(document["key"]).program
    people = People(program, SEED)
    known: dict[str, dict[str, object]] = {}
    events = [one.key for one in program.ruleset.events]
    tags = [key for key, plan in program.tags.items() if plan.tag.manual != "no"]
    for visit in range(5):
        if visit == 3:
            publish_ruleset(service, json.dumps(fewer(document)), "golden", COMMAND_LINE, "now")
            clock.at += 5_000
            sweep(service, Sweep(until=clock.at, limit=PROFILES // 2))
        for number in range(PROFILES):
            profile = f"u{number}"
            known[profile] = people.later(known[profile], clock.at) if profile in known else people.first(clock.at)
            body: dict[str, Any] = {"profile": {"id": profile, "attributes": dict(known[profile])}}
            body |= {"event": {"type": random.choice(events), "text": "1"}} if events and random.random() < 0.5 else {}
            body |= {"actions": "quiet"} if random.random() < 0.2 else {}
            evaluate_profile(service, document["key"], request(json.loads(orjson.dumps(body, default=float))))
            if tags and visit in {1, 2} and number == visit:
                word = {"ruleset": document["key"], "state": random.choice(["assigned", "blocked"]), "reason": "golden"}
                set_tag(service, profile, random.choice(tags[: len(tags) // 2]), request(word))
        clock.at += random.choice([2, 9, 20]) * DAY
        sweep(service, Sweep(until=clock.at, limit=3))


def fewer(document: Any) -> Any:
    """The ruleset without the last tag that can be missed."""
    for tag in reversed(document["tags"]):
        tried = {**document, "tags": [one for one in document["tags"] if one is not tag]}
        if read_ruleset(json.dumps(tried)).program is not None:
            return tried
    raise LookupError(document["key"])


if __name__ == "__main__":
    raise SystemExit(main())
