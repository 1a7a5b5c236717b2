"""The command line: `tagwright COMMAND`, one for each thing an author or an operator does.

Exit codes: 0 all is well; 1 there are findings, or the work was refused; 2 the command or a setting can't be used;
3 the database can't be reached or written.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from service.cli import (
    auditing,
    authoring,
    erasing,
    exampling,
    exporting,
    governing,
    merging,
    operating,
    proving,
    simulating,
    sweeping,
    verifying,
    working,
)
from service.cli.printing import USAGE, report
from service.config import ConfigError
from service.engine.mutants import MOST as MOST_MUTANTS
from service.errors import ServiceError
from service.operations.check import LANGUAGES
from service.operations.keys import ROLES
from service.operations.publish import Apply

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except ConfigError as refused:
        for problem in refused.problems:
            sys.stderr.write(f"{problem}\n")
        return USAGE
    except OSError as refused:
        sys.stderr.write(f"{refused.filename or 'file'}: {refused.strerror}\n")
        return USAGE
    except ServiceError as refused:
        return report(refused, options.language)
    return code


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="tagwright",
        description="A declarative rules engine for customer tagging, scoring, tiering and lifecycle.",
        epilog="Exit codes: 0 well, 1 findings or refused, 2 usage or settings, 3 database unavailable.",
    )
    shared = ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON for machines")
    shared.add_argument("--language", choices=LANGUAGES, default="en", help="the language of findings")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_authoring(commands, shared)
    _add_operating(commands, shared)
    _add_keys(commands, shared)
    return parser


def _add_authoring(commands: "Commands", shared: ArgumentParser) -> None:
    one = _add(commands, shared, "check", "say everything there is to say about ruleset files", authoring.check)
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")

    one = _add(commands, shared, "test", "run ruleset files' examples", authoring.test)
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument(
        "--coverage", type=Decimal, metavar="N", help="fail if the examples exercise less than N %% of the rules"
    )
    one.add_argument(
        "--mutants",
        type=int,
        nargs="?",
        const=MOST_MUTANTS,
        metavar="N",
        help=f"also try N small edits of the rules ({MOST_MUTANTS} if left out) and say which no example notices",
    )
    one.add_argument("--seed", type=int, default=0, metavar="S", help="which edits are drawn if there are more; 0")

    one = _add(commands, shared, "merge-tags", "make two tags of a ruleset file one", merging.run)
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--keep", required=True, metavar="TAG", help="the tag that stays")
    one.add_argument("--drop", required=True, metavar="TAG", help="the tag whose key becomes an alias of it")
    one.add_argument("--either", action="store_true", help="hold it where either condition is true")
    one.add_argument("--output", type=Path, metavar="FILE", help="write there, and leave the file as it is")

    one = _add(
        commands, shared, "evaluate", "decide one profile by a ruleset file, without a database", authoring.evaluate
    )
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument(
        "--profile", required=True, metavar="FILE", help="JSON with `id` and `attributes`; - for standard input"
    )
    one.add_argument("--at", metavar="INSTANT", help="the instant to decide for; now if left out")
    one.add_argument("--event", metavar="TYPE", help="something that happened")
    one.add_argument("--text", metavar="TEXT", help="the event's text")
    one.add_argument("--explain", action="store_true", help="with --json: add why each rule came out as it did")
    proving.add_commands(partial(_add, commands, shared))
    exampling.add_commands(partial(_add, commands, shared))


def _add_operating(commands: "Commands", shared: ArgumentParser) -> None:
    _add(commands, shared, "serve", "start the service", operating.serve)

    one = _add(commands, shared, "import", "publish ruleset files, or save them as drafts", governing.import_files)
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument("--comment", help="why, for the log")
    one.add_argument(
        "--apply",
        choices=get_args(Apply),
        default="on_next_evaluation",
        help="when the profiles there are follow: with the next sweep (`now`), without firing what only the new rules "
        "change (`now_quietly`), or each when it is next decided (the default)",
    )
    one.add_argument("--as-draft", action="store_true", help="save drafts instead, to be reviewed and published")
    one.add_argument("--as", dest="actor", metavar="NAME", help="who acts, for the log; recorded as command-line:NAME")
    governing.add_commands(partial(_add, commands, shared))
    erasing.add_commands(partial(_add, commands, shared))
    auditing.add_commands(partial(_add, commands, shared))

    one = _add(commands, shared, "sweep", "decide what time has brought to profiles nobody asked about", sweeping.run)
    one.add_argument("--until", metavar="INSTANT", help="up to and including this instant; now if left out")
    one.add_argument("--ruleset", metavar="KEY", help="of one ruleset only")
    one.add_argument("--limit", type=int, metavar="N", help="at most N profiles")

    simulating.add_command(partial(_add, commands, shared))

    one = _add(commands, shared, "work", "do queued jobs, one at a time", working.run)
    one.add_argument("--idle", type=float, metavar="SECONDS", help="end when none was queued for so long")
    one.add_argument("--runner", metavar="NAME", help="a name that no other runner has; made if left out")
    one.add_argument("--with-parent", action="store_true", help="end when standard input ends")

    one = _add(commands, shared, "openapi", "print the API's description", operating.openapi)
    one.add_argument("--output", type=Path, metavar="FILE", help="write it to a file")

    log = commands.add_parser("audit", help="the log").add_subparsers(required=True, metavar="COMMAND")
    verifying.add_commands(partial(_add, log, shared))
    exporting.add_commands(partial(_add, log, shared))

    database = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="COMMAND")
    _add(database, shared, "upgrade", "bring the schema up to date", operating.upgrade)


def _add_keys(commands: "Commands", shared: ArgumentParser) -> None:
    keys = commands.add_parser("keys", help="API keys").add_subparsers(required=True, metavar="COMMAND")
    one = _add(keys, shared, "create", "make a key and print it once", operating.new_key)
    one.add_argument("--name", required=True, help="what it is for")
    one.add_argument("--role", required=True, action="append", choices=ROLES, help="may be given several times")
    one.add_argument("--expires-at", metavar="INSTANT", help="when it ends by itself")
    _add(keys, shared, "list", "list keys without their secrets", operating.keys)
    one = _add(keys, shared, "revoke", "end a key", operating.no_key)
    one.add_argument("id", metavar="ID")


def _add(
    commands: "Commands", shared: ArgumentParser, name: str, about: str, run: Callable[[Namespace], int]
) -> ArgumentParser:
    parser = commands.add_parser(name, help=about, description=about, parents=[shared])
    parser.set_defaults(run=run)
    return parser
