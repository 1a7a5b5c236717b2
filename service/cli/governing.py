"""The commands by which rulesets come to be in force, each as `--as` whom: the whole path needs no browser.

`diff` and `export` show what there is; both work on versions and drafts, and `diff` on files too.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, get_args

from service.cli import operating
from service.cli.operating import actor, opened_service
from service.cli.printing import FINDINGS, WELL, finding, say, say_json
from service.config import ConfigError, read_config
from service.errors import InvalidRequest
from service.language.diff import Change, compare
from service.language.document import read_document
from service.language.pretty import pretty_text
from service.operations.authoring.activation import cancel_schedule, retire_ruleset, rollback_ruleset
from service.operations.authoring.compare import ACTIVE, DRAFT, read_text
from service.operations.authoring.drafts import save_draft
from service.operations.authoring.release import publish_draft
from service.operations.authoring.review import approve_draft, reject_draft, submit_draft
from service.operations.authoring.settings import SINGLE_PERSON, change_settings, read_settings
from service.operations.authoring.stamps import ANY
from service.operations.ports import Caller
from service.operations.publish import Apply
from service.operations.service import Service

Run = Callable[[Namespace], int]


class Add(Protocol):
    """Adds a command, with what all commands share."""

    def __call__(self, name: str, about: str, run: Run, /) -> ArgumentParser:
        """The command's own parser."""


def add_commands(add: Add) -> None:
    """Add the commands of this file."""
    one = add("diff", "what differs between two rulesets, by meaning; 1 if anything does", diff)
    one.add_argument("old", metavar="A", help="a file, or KEY@3, KEY@active, KEY@draft")
    one.add_argument("new", metavar="B", help="the same")
    one = add("export", "write rulesets to files", export)
    one.add_argument("keys", nargs="*", metavar="KEY", help="all of them if left out")
    one.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    which = one.add_mutually_exclusive_group()
    which.add_argument("--version", type=int, metavar="N", help="this version instead of the one in force")
    which.add_argument("--draft", action="store_true", help="the draft instead of the version in force")
    _acting(add("submit", "ask for the review of a draft", _step(submit_draft)))
    _acting(add("approve", "approve a draft that somebody else edited", _step(approve_draft)))
    _acting(add("reject", "send a draft back to its editors", _reject)).add_argument("--reason", required=True)
    _add_publishing(add)


def _add_publishing(add: Add) -> None:
    one = _acting(add("publish", "publish an approved draft", _publish))
    one.add_argument("--comment", required=True, help="why, for the log")
    one.add_argument("--effective-at", metavar="INSTANT", help="when it comes into force; at once if left out")
    one.add_argument("--acknowledge", action="append", default=[], metavar="CODE", help="a warning; may be repeated")
    _applying(one)
    one = _acting(add("rollback", "have an older version in force again, at once", _rollback))
    one.add_argument("--version", type=int, required=True, metavar="N")
    one.add_argument("--reason", required=True)
    _applying(one)
    _acting(add("retire", "end a ruleset", _retire)).add_argument("--reason", required=True)
    _acting(add("unschedule", "have nothing begin that was scheduled", _unschedule))
    one = add("settings", "show or change what holds for the whole service", settings)
    one.add_argument("--single-person", choices=["on", "off"], help="whether who edited a draft may approve it")
    _naming(one)


def diff(options: Namespace) -> int:
    """Say what differs, a line for each change; findings if anything does."""
    before, after = (_document(one) for one in (options.old, options.new))
    changes = compare(before, after)
    if options.json:
        say_json([one.to_json() for one in changes])
    for one in changes if not options.json else ():
        say(_line(one, options.language))
    return FINDINGS if changes else WELL


def export(options: Namespace) -> int:
    """Write each ruleset to `KEY.json` in the folder."""
    which = DRAFT if options.draft else str(options.version or ACTIVE)
    options.output.mkdir(parents=True, exist_ok=True)
    written = []
    with opened_service(read_config()) as service:
        for key in options.keys or _exported(service, is_draft=options.draft):
            text = _stored(service, key, which)
            file = options.output / f"{key}.json"
            file.write_text(pretty_text(_read(text, key)), "utf-8")
            written.append(str(file))
    if options.json:
        say_json(written)
    for path in written if not options.json else ():
        say(path)
    return WELL


def import_files(options: Namespace) -> int:
    """Publish files, or save them as drafts, over what their drafts say now."""
    if not options.as_draft:
        return operating.import_files(options)
    caller, saved = actor(options), []
    with opened_service(read_config()) as service:
        service.store.upgrade()
        for path in options.files:
            text = path.read_text("utf-8")
            document = _read(text, str(path))
            key = str(document.get("key"))
            saved.append(save_draft(service, key, text, caller, _held(service, key)))
    if options.json:
        say_json([{"key": one.ruleset, "revision": one.revision, "state": one.state} for one in saved])
    for one in saved if not options.json else ():
        say(f"{one.ruleset}: draft revision {one.revision}, {one.state}")
    return WELL


def settings(options: Namespace) -> int:
    """Show the settings, after changing those that are named."""
    with opened_service(read_config()) as service:
        if options.single_person is not None:
            change_settings(service, {SINGLE_PERSON: options.single_person == "on"}, actor(options))
        found = read_settings(service)
    if options.json:
        say_json(found)
    for name, one in found.items() if not options.json else ():
        by = f", changed {one['changed_at']} by {one['changed_by']}" if one["changed_at"] else ""
        say(f"{name}: {_word(one['value'])}{by}")
    return WELL


def _step(step: Callable[[Service, str, Caller], Any]) -> Run:
    def run(options: Namespace) -> int:
        with opened_service(read_config()) as service:
            draft = step(service, options.key, actor(options))
        return _said(options, {"key": draft.ruleset, "revision": draft.revision, "state": draft.state})

    return run


def _reject(options: Namespace) -> int:
    body = {"reason": options.reason}
    return _step(lambda service, key, caller: reject_draft(service, key, body, caller))(options)


def _publish(options: Namespace) -> int:
    body = {
        "comment": options.comment,
        "effective_at": options.effective_at,
        "acknowledge": sorted(set(options.acknowledge)),
        "apply": options.apply,
    }
    with opened_service(read_config()) as service:
        done = publish_draft(service, options.key, body, actor(options))
    return _said(options, done.to_json())


def _rollback(options: Namespace) -> int:
    body = {"version": options.version, "reason": options.reason, "apply": options.apply}
    with opened_service(read_config()) as service:
        return _said(options, rollback_ruleset(service, options.key, body, actor(options)))


def _retire(options: Namespace) -> int:
    with opened_service(read_config()) as service:
        return _said(options, retire_ruleset(service, options.key, {"reason": options.reason}, actor(options)))


def _unschedule(options: Namespace) -> int:
    with opened_service(read_config()) as service:
        return _said(options, cancel_schedule(service, options.key, actor(options)))


def _said(options: Namespace, done: Mapping[str, Any]) -> int:
    if options.json:
        say_json(done)
    else:
        say(f"{done['key']}: " + ", ".join(f"{name} {_word(value)}" for name, value in done.items() if name != "key"))
    return WELL


def _word(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _line(one: Change, language: str) -> str:
    mark = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}[one.kind]
    return f"{mark} {one.sentence[language]}"


def _document(named: str) -> Mapping[str, Any]:
    """What a file holds, or what is stored as `KEY@3`, `KEY@active` or `KEY@draft`."""
    path = Path(named)
    key, at, which = named.rpartition("@")
    if path.exists() or not at:
        return _read(path.read_text("utf-8"), named)
    if which not in {DRAFT, ACTIVE} and not which.isdecimal():
        raise ConfigError([f"{named}: expected a file that exists, or KEY@ and a version, `{ACTIVE}` or `{DRAFT}`"])
    with opened_service(read_config()) as service:
        return _read(_stored(service, key, which), named)


def _stored(service: Service, key: str, which: str) -> str:
    return service.store.read(lambda reads: read_text(reads, key, which, service.clock()))


def _held(service: Service, key: str) -> str | None:
    return ANY if service.store.read(lambda reads: reads.governance.draft(key)) else None


def _exported(service: Service, *, is_draft: bool) -> list[str]:
    if is_draft:
        return [row.ruleset for row in service.store.read(lambda reads: reads.governance.drafts())]
    return [row.key for row in service.store.read(lambda reads: reads.rulesets())]


def _read(text: str, name: str) -> Mapping[str, Any]:
    document, refused = read_document(text)
    if refused:
        raise ConfigError([finding(one, text, "en", name) for one in refused])
    if not isinstance(document, dict):
        raise InvalidRequest(f"{name}: expected a JSON object")
    return document


def _acting(one: ArgumentParser) -> ArgumentParser:
    one.add_argument("key", metavar="KEY", help="the ruleset")
    return _naming(one)


def _naming(one: ArgumentParser) -> ArgumentParser:
    one.add_argument("--as", dest="actor", metavar="NAME", help="who acts, for the log; recorded as command-line:NAME")
    return one


def _applying(one: ArgumentParser) -> None:
    one.add_argument("--apply", choices=get_args(Apply), default="on_next_evaluation", help="when profiles follow")
