"""The commands of operators: `serve`, `import`, `keys`, `db` and `openapi`. Settings come from the environment."""

import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

from service.api.openapi import openapi_text
from service.bootstrap import COMMAND_LINE, Beginnings, begin, wire
from service.cli.printing import WELL, say, say_json
from service.config import METRICS_FOLDER, METRICS_PREFIX, Config, ConfigError, read_config
from service.operations.auditing.seal import begin_log
from service.operations.keys import create_key, list_keys, revoke_key
from service.operations.ports import Caller
from service.operations.publish import publish_ruleset
from service.operations.service import Service

LISTED = 1_000
ACTOR_LENGTH = 180


def serve(options: Namespace) -> NoReturn:
    """Bring the database to life, say where everything is, and become gunicorn."""
    config = read_config()
    with opened_service(config) as service:
        made = begin(service, config)
    _say_beginnings(config, made, as_json=options.json)
    folder = str(config.metrics_folder or mkdtemp(prefix=METRICS_PREFIX))
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    os.environ[METRICS_FOLDER] = folder
    command = gunicorn_command(config)
    os.execv(command[0], command)  # noqa: S606  # Why: one process less, and signals reach gunicorn itself


def gunicorn_command(config: Config) -> list[str]:
    """How the web server is started."""
    return [
        sys.executable,
        *("-m", "gunicorn", "service.wsgi:application()"),
        *("--config", "python:service.wsgi"),
        *("--bind", config.bind),
        *("--worker-class", "gthread"),
        *("--workers", str(config.workers)),
        *("--threads", str(config.threads)),
        *("--graceful-timeout", str(config.graceful_seconds)),
        *("--keep-alive", "75"),
        *("--log-level", "warning"),
        "--no-control-socket",
    ]


def import_files(options: Namespace) -> int:
    """Publish ruleset files, each as a new version unless it is what is active already."""
    with opened_service(read_config()) as service:
        service.store.upgrade()
        done = [
            publish_ruleset(
                service,
                path.read_bytes(),
                options.comment or f"import of {path.name}",
                actor(options),
                options.apply,
            )
            for path in options.files
        ]
    if options.json:
        say_json([{"key": one.key, "version": one.version, "digest": one.digest, "new": one.is_new} for one in done])
    for one in done if not options.json else ():
        say(f"{one.key}: version {one.version} {'published' if one.is_new else 'is active already'} ({one.digest})")
    return WELL


def new_key(options: Namespace) -> int:
    """Make an API key and print it, once."""
    wish = {"name": options.name, "roles": options.role, "expires_at": options.expires_at}
    with opened_service(read_config()) as service:
        made = create_key(service, wish, COMMAND_LINE)
    if options.json:
        say_json(made)
    else:
        say(made["key"])
    return WELL


def keys(options: Namespace) -> int:
    """List API keys, without their secrets."""
    with opened_service(read_config()) as service:
        found, _ = list_keys(service, "", LISTED)
    if options.json:
        say_json(found)
    for one in found if not options.json else ():
        ended = "revoked" if one["revoked_at"] else f"until {one['expires_at']}" if one["expires_at"] else "active"
        say(
            f"{one['id']}  {','.join(one['roles'])}  {ended}  last used {one['last_used_at'] or 'never'}  {one['name']}"
        )
    return WELL


def no_key(options: Namespace) -> int:
    """Revoke an API key."""
    with opened_service(read_config()) as service:
        revoke_key(service, options.id, COMMAND_LINE)
    say_json({"revoked": options.id}) if options.json else say(f"revoked {options.id}")
    return WELL


def upgrade(options: Namespace) -> int:
    """Bring the database's schema up to date."""
    with opened_service(read_config()) as service:
        applied = service.store.upgrade()
        begin_log(service)
    if options.json:
        say_json({"applied": applied})
    else:
        say(f"applied {', '.join(applied)}" if applied else "the schema is current")
    return WELL


def openapi(options: Namespace) -> int:
    """Write `openapi.yaml`, or print it."""
    if options.output is None:
        sys.stdout.write(openapi_text())
    else:
        options.output.write_text(openapi_text(), "utf-8")
    return WELL


def actor(options: Namespace) -> Caller:
    """Who acts: the command line, as the person that `--as` names."""
    if options.actor is None:
        return COMMAND_LINE
    if not 0 < len(options.actor) <= ACTOR_LENGTH or not options.actor.isprintable():
        raise ConfigError([f"--as: expected a name of 1 to {ACTOR_LENGTH} printable characters"])
    return replace(COMMAND_LINE, actor=f"{COMMAND_LINE.actor}:{options.actor}")


@contextmanager
def opened_service(config: Config) -> Iterator[Service]:
    """The service of a configuration, while it is needed."""
    service = wire(config)
    try:
        yield service
    finally:
        service.store.close()


def _say_beginnings(config: Config, made: Beginnings, *, as_json: bool) -> None:
    if as_json:
        published = [{"key": one.key, "version": one.version} for one in made.published]
        say_json({"bind": config.bind, "migrations": made.migrations, "published": published, "key": made.key})
    else:
        for name in made.migrations:
            say(f"applied migration {name}")
        for one in made.published:
            say(f"published {one.key} version {one.version}")
        if made.key is not None and config.admin_key is None:
            say(f"first key, shown once: {made.key}")
        say(f"serving http://{config.bind}, description at /docs")
    sys.stdout.flush()
