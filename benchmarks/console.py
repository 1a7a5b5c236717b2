"""How long the console's pages take with many stored profiles.

Fills a database with profiles in bulk (see `benchmarks.sweep`), then opens each page some times as somebody who may see
all of them, and prints the median and the longest server time.
Run it: `python -m benchmarks.console [--profiles 1000000] [--times 5]`.

Expected: no page above 200 ms, once it was opened.
"""

import argparse
import re
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from flask.testing import FlaskClient

from benchmarks.sweep import RULESET, fill
from service.app import create_app
from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.console.pages import PAGES
from service.operations.keys import ROLES, create_key
from service.operations.tally import tally

DUE = 1_000
MOST = 0.2
PATHS = {
    "key": RULESET,
    "version": "1",
    "profile_id*": "model-0",
    "kind": "stages",
    "section": "tags",
    "report": "stages",
}


def main() -> int:
    """Fill, open, print; 1 if a page takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Config(database_url=f"sqlite:///{folder}/a.db", keys=Path(folder) / "keys")
        service = wire(config)
        fill(service, config.database_url, Path(folder) / "keys", options.profiles, DUE)
        tally(service)
        key = create_key(service, {"name": "benchmark", "roles": list(ROLES)}, COMMAND_LINE)["key"]
        with (Path(folder) / "log").open("wb") as log:
            http = create_app(service, config, log).test_client()
            http.post("/console/sign-in", data={"key": key})
            slow = [address for address in addresses() if not look(http, address, options.times)]
        service.store.close()
    print(f"{options.profiles:,} profiles: {'PASS' if not slow else 'SHORT: ' + ', '.join(slow)}")
    return int(bool(slow))


def addresses() -> list[str]:
    """Every page that can be opened by an address of the shipped ruleset."""
    return [
        "/console" + re.sub(r"{([^}]+)}", lambda match: PATHS[match[1]], page.path)
        for page in PAGES
        if page.roles is not None and all(name in PATHS for name in re.findall(r"{([^}]+)}", page.path))
    ]


def look(http: FlaskClient, address: str, times: int) -> bool:
    """Open a page once, then some times more; whether it was fast enough then."""
    http.get(address)
    seconds = []
    for _ in range(times):
        began = perf_counter()
        status = http.get(address).status_code
        seconds.append(perf_counter() - began)
    print(f"{median(seconds) * 1000:7.1f} ms  longest {max(seconds) * 1000:7.1f}  {status}  {address}", flush=True)
    return median(seconds) <= MOST


if __name__ == "__main__":
    raise SystemExit(main())
