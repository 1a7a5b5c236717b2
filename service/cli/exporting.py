"""The command `audit export`: an evidence pack into a file."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from service.bootstrap import COMMAND_LINE
from service.cli.operating import opened_service
from service.cli.printing import WELL, say, say_json
from service.config import read_config
from service.operations.auditing.export import make_pack, note_export, read_asked, write_pack

Add = Callable[[str, str, Callable[[Namespace], int]], ArgumentParser]
TOLD_EVERY = 1_000


def add_commands(add: Add) -> None:
    """Say what the command takes."""
    one = add("export", "write an evidence pack that can be verified offline", export)
    one.add_argument("--output", type=Path, required=True, metavar="FILE", help="the .zip to write")
    one.add_argument("--profile", metavar="ID", help="about one person")
    one.add_argument("--ruleset", metavar="KEY", help="by one ruleset")
    one.add_argument("--from", dest="begin", metavar="INSTANT", help="recorded at this instant or later")
    one.add_argument("--to", dest="end", metavar="INSTANT", help="recorded before this instant")
    one.add_argument("--as-of-size", type=int, metavar="N", help="as the log was at the checkpoint of N entries")


def export(options: Namespace) -> int:
    """Write the pack, first beside its place, so that there is a whole one or none; and have the log say so."""
    given = {
        "profile": options.profile,
        "ruleset": options.ruleset,
        "from": options.begin,
        "to": options.end,
        "as_of_size": options.as_of_size,
    }
    unfinished = options.output.with_name(f"{options.output.name}.part")
    with opened_service(read_config()) as service:
        asked = read_asked(service, given)
        pack = make_pack(service, asked, _progress)
        try:
            with unfinished.open("wb") as file:
                made = write_pack(pack, file)
                file.flush()
                os.fsync(file.fileno())
            note_export(service, asked, made, COMMAND_LINE)
            unfinished.replace(options.output)
        finally:
            unfinished.unlink(missing_ok=True)
    if options.json:
        say_json({"file": str(options.output), "as_of_size": asked.size, **made})
    else:
        totals = ", ".join(f"{count} {name}" for name, count in made["totals"].items())
        say(f"{options.output}: {totals}, of {asked.size} entries; sha256 {made['sha256']}")
    return WELL


def _progress(done: int) -> None:
    """One line that is written over, for people who watch."""
    if done % TOLD_EVERY == 0 and sys.stderr.isatty():
        sys.stderr.write(f"\r{done} looked at")
        sys.stderr.flush()
