"""What sealing costs those who evaluate, and what a proof costs.

Run it: `python -m benchmarks.seal [--database sqlite|postgresql] [--rounds 8] [--entries 1000000]`.

Two services run side by side on databases of their own, one with the sealer and one without; loads of a second each
take turns. Compared are evaluations a second, which say little on a machine that is busy otherwise, and the processor
time that the service takes for one. Then a log of a million entries is built, straight into its tables, and proofs are
asked of it.

Expected: with the sealer at least 95 % of the evaluations for the same processor time; a proof for one of a million
entries in less than 5 ms, at the median.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from benchmarks.http import HOST, KEY, SECONDS, run, wait_for
from service.audit.batch import Member, instant_of, pack_members
from service.audit.checkpoint import Checkpoint, sign_checkpoint
from service.audit.merkle import check_inclusion, leaf_hash
from service.audit.sealing_rows import BatchRow, CheckpointRow
from service.audit.tiles import Tree, append_leaves
from service.bootstrap import wire
from service.config import Config
from service.operations.auditing.prove import position_of
from service.operations.log_ports import SealingReads
from service.operations.ports import Unit
from service.operations.service import Service
from tests.postgres import DURABLE, postgres_server

LEAST_SHARE = 0.95
MOST_MILLISECONDS = 5.0
REST = 2.5
"""How many seconds a turn lasts with the rest behind it, in which what waits is sealed."""
PROOFS = 300
BATCH = 2_500
START = 1_767_225_600_000


def main() -> int:
    """Measure both, print the figures; 1 if one falls short."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--entries", type=int, default=1_000_000)
    asked = options.parse_args()
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("with", "without", "log")]
        if asked.database == "postgresql":
            server = open_things.enter_context(postgres_server(DURABLE))
            urls = [server.empty() for _ in urls]
        share = compare(urls, folder, asked.rounds)
        milliseconds = prove(urls[2], folder, asked.entries)
    return 0 if share >= LEAST_SHARE and milliseconds <= MOST_MILLISECONDS else 1


def compare(urls: list[str], folder: Path, rounds: int) -> float:
    """The share of evaluations a second that the sealer leaves."""
    with serving(urls[0], folder / "keys-with", 500) as sealed, serving(urls[1], folder / "keys-without", 0) as plain:
        for one in (sealed, plain):
            run(one.port, "batch")
        for number in range(rounds):
            for one in (sealed, plain) if number % 2 else (plain, sealed):
                one.measure()
        with_it, without = (statistics.median(one.rates) for one in (sealed, plain))
        pairs = zip(sealed.rates, plain.rates, strict=True)
        share = plain.microseconds() / sealed.microseconds()
        print(f"with the sealer    {with_it:8,.0f} evaluations/s   {sealed.microseconds():7,.0f} us of processor each")
        print(f"without            {without:8,.0f} evaluations/s   {plain.microseconds():7,.0f} us of processor each")
        print(f"share by time {statistics.median(one / other for one, other in pairs):.1%}, median of pairs")
        print(f"share by processor {share:.1%} (expected {LEAST_SHARE:.0%})")
    return share


class Loaded:
    """A service under load: its port, evaluations a second of each turn, and what all turns took."""

    def __init__(self, port: int, process: int) -> None:
        self.port = port
        self.process = process
        self.rates: list[float] = []
        self.evaluations = self.seconds = 0.0

    def measure(self) -> None:
        """Load it for a turn, and let it come to rest."""
        started, before = time.monotonic(), processor_seconds(self.process)
        self.rates.append(run(self.port, "evaluate"))
        self.evaluations += self.rates[-1] * SECONDS
        time.sleep(max(0.0, started + REST - time.monotonic()))
        self.seconds += processor_seconds(self.process) - before

    def microseconds(self) -> float:
        """Processor time for one evaluation."""
        return self.seconds / self.evaluations * 1e6


def processor_seconds(process: int) -> float:
    """The processor time of a process and of all below it, so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in children)


@contextmanager
def serving(url: str, keys: Path, milliseconds: int) -> Iterator[Loaded]:
    """A running service."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    settings = {
        "TAGWRIGHT_DATABASE_URL": url,
        "TAGWRIGHT_BIND": f"{HOST}:{port}",
        "TAGWRIGHT_ADMIN_KEY": KEY,
        "TAGWRIGHT_KEYS": str(keys),
        "TAGWRIGHT_SEAL_MILLISECONDS": str(milliseconds),
    }
    with Path(f"{keys}.log").open("wb") as log:
        command = [sys.executable, "-m", "service", "serve"]
        server = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield Loaded(port, server.pid)
        finally:
            server.terminate()
            server.wait(30)


def prove(url: str, folder: Path, entries: int) -> float:
    """The median time of a proof in a log of so many entries, in milliseconds."""
    service = wire(Config(database_url=url, keys=folder / "keys-log"))
    service.store.upgrade()
    started = time.perf_counter()
    ids = build(service, entries)
    print(f"built a log of {entries:,} entries in {time.perf_counter() - started:.1f} s")
    times = []
    for entry in Random(1).choices(range(entries), k=PROOFS):  # noqa: S311  # the same entries every time
        started = time.perf_counter()
        position, tree, proof = service.store.read(lambda reads, wanted=ids[entry]: proven(reads.sealing, wanted))
        times.append((time.perf_counter() - started) * 1000)
        check_inclusion(leaf_hash(ids[entry].encode()), position, entries, proof, tree.root())
    median, worst = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"a proof: median {median:.2f} ms, p99 {worst:.2f} ms, {len(proof)} hashes (expected {MOST_MILLISECONDS} ms)")
    service.store.close()
    return median


def proven(sealing: SealingReads, entry: str) -> tuple[int, Tree, list[bytes]]:
    """Position, tree and proof of an entry."""
    newest, position = sealing.newest(), position_of(sealing, entry)
    assert newest is not None
    assert position is not None
    tree = Tree(newest.size, sealing.tile)
    return position, tree, tree.inclusion(position)


def build(service: Service, entries: int) -> list[str]:
    """A log of entries that are not there, of their hashes only; their ids."""
    signers = service.store.notary.make("benchmark")
    ids = sorted(service.ids.ulid(START + number) for number in range(entries))
    assert instant_of(ids[0]) == START
    for first in range(0, entries, 4 * BATCH):

        def job(unit: Unit, first: int = first) -> None:
            for begin in range(first, min(first + 4 * BATCH, entries), BATCH):
                some = ids[begin : begin + BATCH]
                tiles = append_leaves(begin, unit.sealing.tile, [leaf_hash(one.encode()) for one in some])
                packed = pack_members(Member("evaluation", one) for one in some)
                unit.sealing.add_batch(tiles, BatchRow(begin, len(some), some[0], some[-1], packed))

        service.store.write(job)

    def sign(unit: Unit) -> None:
        root = Tree(entries, unit.sealing.tile).root()
        note = sign_checkpoint(Checkpoint("benchmark", entries, root), signers)
        unit.sealing.add_checkpoint(CheckpointRow(entries, root, note, START))

    service.store.write(sign)
    return ids


if __name__ == "__main__":
    sys.exit(main())
