"""What survives: thousands of simulated power cuts on SQLite, and kills of a PostgreSQL server under load.

    python -m benchmarks.durability [--cuts 3000] [--kills 4]

Each is run as the service has it, where nothing acknowledged may be missing, and as it must not be, where something
must be: else the experiment sees nothing. Exit code 1 if either is otherwise.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from service.bootstrap import COMMAND_LINE
from service.operations.auditing.seal import seal
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.assurance.killing import OFF, ON, kill_rounds
from tests.assurance.power import cut, record, traced
from tests.conftest import HandClock, wire_on
from tests.small import DAY, KEY, RULESET, START, asking, request

EVALUATIONS = 120


def main() -> int:
    """Run all of it; the exit code."""
    parser = argparse.ArgumentParser(description="What survives power cuts and kills.")
    parser.add_argument("--cuts", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=4)
    asked = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        statements = work(folder)
        for synchronous in ("full", "normal"):
            found = cut(record(statements, folder / f"{synchronous}.db", synchronous), folder / "left", asked.cuts, 1)
            print(f"sqlite synchronous={synchronous}: {found}")
            is_good &= found.damaged == 0 and (found.losing == 0) == (synchronous == "full")
    for name, options in (("on", ON), ("off", OFF)) if asked.kills else ():
        killed = kill_rounds(options, asked.kills, 1.5)
        print(f"postgresql synchronous_commit={name}: {killed}")
        is_good &= (killed.missing == 0) == (name == "on")
    return 0 if is_good else 1


def work(folder: Path) -> list[str]:
    """What a real store writes while a service decides and seals."""
    clock = HandClock(START)
    service = wire_on(folder / "work.db", clock)
    found = traced(service.store)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    for number in range(EVALUATIONS):
        clock.at += DAY // 10
        evaluate_profile(service, KEY, request(asking(f"u{number % 5}", visits=number % 6)))
        if number % 10 == 9:
            seal(service)
    service.store.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
