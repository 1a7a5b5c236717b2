"""The commands `audit ...`: verify the log, show what it is known by, change its key."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from service.audit import verifier
from service.bootstrap import COMMAND_LINE
from service.cli.operating import opened_service
from service.cli.printing import FINDINGS, WELL, say, say_json
from service.config import read_config
from service.operations.auditing.prove import read_checkpoint_note, read_log_keys
from service.operations.auditing.restored import accept_restore
from service.operations.auditing.rotate import rotate_key
from service.operations.auditing.verification import COUNTED, UNCHECKED, Verification
from service.operations.auditing.verify import verify_and_record

Add = Callable[[str, str, Callable[[Namespace], int]], ArgumentParser]


def add_commands(add: Add) -> None:
    """Say what each command takes."""
    one = add("verify", "walk the whole log and name what does not fit", verify)
    one.add_argument("--full", action="store_true", help="apply the rules again to every record, too")
    one.add_argument("--export", type=Path, metavar="PACK", help="verify an evidence pack instead, offline")
    one.add_argument("--key", action="append", metavar="VKEY", help="with --export: the log's key; else this log's own")
    one.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE", help="with --export: one that you hold"
    )
    add("checkpoint", "print the newest signed checkpoint", checkpoint)
    add("key", "print the log's public keys", keys)
    one = add("rotate-key", "have a new key sign, besides the old one", rotate)
    one.add_argument("--finish", action="store_true", help="have only the newest key sign, and drop the others")
    one = add("restored", "after a restore: have the log go on from what the database has", accept)
    one.add_argument("--reason", required=True, metavar="TEXT", help="what happened, for the log")


def verify(options: Namespace) -> int:
    """Verify the log, or an export of it; findings if something does not fit."""
    if options.export is not None:
        return _verify_pack(options)
    with opened_service(read_config()) as service:
        found = verify_and_record(service, COMMAND_LINE, full=options.full, progress=_progress)
    if options.json:
        say_json(found.to_json())
    else:
        _say(found, options.language)
    return WELL if found.holds else FINDINGS


def checkpoint(options: Namespace) -> int:
    """Print the newest checkpoint."""
    with opened_service(read_config()) as service:
        note = read_checkpoint_note(service)
    say_json({"checkpoint": note}) if options.json else say(note.removesuffix("\n"))
    return WELL


def keys(options: Namespace) -> int:
    """Print the log's name and public keys."""
    with opened_service(read_config()) as service:
        origin, found = read_log_keys(service)
    if options.json:
        say_json({"origin": origin, "keys": [str(key) for key in found]})
    for key in found if not options.json else ():
        say(str(key))
    return WELL


def rotate(options: Namespace) -> int:
    """Begin or finish a change of the log's key."""
    with opened_service(read_config()) as service:
        found = rotate_key(service, COMMAND_LINE, finish=options.finish)
    say_json({"key": str(found)}) if options.json else say(str(found))
    return WELL


def accept(options: Namespace) -> int:
    """Have the log go on after a restore, and record it."""
    with opened_service(read_config()) as service:
        found = accept_restore(service, COMMAND_LINE, options.reason)
    say_json({"size": found.size}) if options.json else say(f"the log goes on from {found.size} entries")
    return WELL


def _verify_pack(options: Namespace) -> int:
    given = options.key
    if given is None:
        with opened_service(read_config()) as service:
            given = [str(key) for key in read_log_keys(service)[1]]
    arguments = [str(options.export), "--language", options.language, *(["--json"] if options.json else [])]
    for name, values in (("--key", given), ("--checkpoint", options.checkpoint)):
        for value in values:
            arguments += [name, str(value)]
    return verifier.main(arguments)


def _say(found: Verification, language: str) -> None:
    told = found.to_json()
    for one in told["findings"]:
        say(f"{one['place']}: {one['code']}: {one['message'][language]}")
    if found.more:
        say({"en": f"and {found.more} more", "zh": f"另有 {found.more} 处"}[language])
    say(
        {"en": "checked: ", "zh": "已核对："}[language]
        + ", ".join(f"{count} {COUNTED[name][language]}" for name, count in found.counts.items())
    )
    for code in found.unchecked:
        say({"en": "not checked: ", "zh": "未核对："}[language] + UNCHECKED[code][language])
    say({"en": ("does not hold", "holds"), "zh": ("不成立", "成立")}[language][found.holds])


def _progress(done: int, of: int) -> None:
    """One line that is written over, for people who watch."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {of}")
        sys.stderr.flush()
