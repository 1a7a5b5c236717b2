"""The commands `erase`, `hold` and `retention`: letting content go, and what forbids it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from service.bootstrap import COMMAND_LINE
from service.cli.operating import opened_service
from service.cli.printing import WELL, say, say_json
from service.config import read_config
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.hold import end_hold, list_holds, place_hold
from service.operations.auditing.retention import apply_retention, read_retention, set_retention

LISTED = 1_000
Add = Callable[[str, str, Callable[[Namespace], int]], ArgumentParser]


def add_commands(add: Add) -> None:
    """Say what each command takes."""
    one = add("erase", "erase everything about a person", erase)
    one.add_argument("id", metavar="ID", help="the profile's id")
    one.add_argument("--ground", required=True, metavar="TEXT", help="why, for the log; name nobody here")

    one = add("hold", "have a profile kept, whatever is asked; without an id list those that are", hold)
    one.add_argument("id", nargs="?", metavar="ID", help="the profile's id")
    wish = one.add_mutually_exclusive_group()
    wish.add_argument("--reason", metavar="TEXT", help="why it must be kept")
    wish.add_argument("--release", action="store_true", help="let it go again")

    one = add("retention", "let go what is over, or say how long a kind of content is kept", retention)
    one.add_argument("--set", nargs=2, metavar=("KIND", "DAYS"), help="DAYS is a number, or `ever`")


def erase(options: Namespace) -> int:
    """Erase a person."""
    with opened_service(read_config()) as service:
        erased = erase_profile(service, options.id, {"ground": options.ground}, COMMAND_LINE)
    if options.json:
        say_json(erased.to_json())
    else:
        say(f"erased: {erased.evaluations} evaluations, {erased.changes} changes; entry {erased.entry}")
    return WELL


def hold(options: Namespace) -> int:
    """Have a profile kept, let it go again, or list those that are kept."""
    with opened_service(read_config()) as service:
        if options.id is None:
            found, _ = list_holds(service, "", LISTED)
        elif options.release:
            end_hold(service, options.id, COMMAND_LINE)
            found = []
        else:
            found = [place_hold(service, options.id, {"reason": options.reason}, COMMAND_LINE)]
    if options.json:
        say_json(found)
    for one in found if not options.json else ():
        say(f"{one['profile_id']}  held by {one['placed_by']} since {one['placed_at']}: {one['reason']}")
    return WELL


def retention(options: Namespace) -> int:
    """Say how long a kind of content is kept, or let go what is over."""
    with opened_service(read_config()) as service:
        if options.set is not None:
            kind, days = options.set
            wish = None if days == "ever" else int(days) if days.isdecimal() else days
            set_retention(service, {f"{kind}_days": wish}, COMMAND_LINE)
            found: dict[str, int | None] = read_retention(service)
        else:
            found = {**apply_retention(service, COMMAND_LINE)}
    if options.json:
        say_json(found)
    for name, number in found.items() if not options.json else ():
        say(f"{name}: {'for ever' if number is None else number}")
    return WELL
