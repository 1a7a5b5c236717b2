"""Environment variables -> one frozen `Config`; every mistake at once, each with its remedy.

The only reader of the environment. It opens nothing: whether a database answers is found out by whoever opens it.
Source: docs/operations.md, "Settings".
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import NamedTuple

PREFIX = "TAGWRIGHT_"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The one variable with a foreign name: prometheus-client reads it too."""
METRICS_PREFIX = "tagwright-metrics-"
"""How the name of such a folder begins that `serve` made, and that is taken away when the service ends."""
SQLITE = "sqlite:///"
SECRETS = {"admin_key", "oidc_client_secret"}
"""Settings that are never shown."""
KEYS = "tagwright-keys"
"""What the key folder is called if nobody says otherwise."""
POSTGRES_THREADS = 4
"""Threads in each process on PostgreSQL: a few that wait for it, while as many processes as cores do the work."""
ISSUER = re.compile(r"https://[^\s?#@]+|http://(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(/[^\s?#@]*)?", re.ASCII)
"""An address with https, or on this machine."""
LONGEST_KEY = 200
"""The most characters of a key chosen from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the service can be told from outside. `admin_key` is a secret and never shown, nor is `database_url`,
    which may hold a password.

    `metrics_folder` is where worker processes share their counts; `serve` sets it.
    """

    database_url: str = field(default="sqlite:///tagwright.db", repr=False)
    bind: str = "127.0.0.1:8080"
    admin_key: str | None = field(default=None, repr=False)
    rulesets: Path = Path(__file__).parent / "rulesets"
    workers: int = 1
    threads: int = 16
    graceful_seconds: int = 30
    max_body_bytes: int = 4 * 1024 * 1024
    idempotency_days: int = 7
    sweep_seconds: int = 5
    delivery_seconds: int = 1
    delivery_allow: tuple[IPv4Network | IPv6Network, ...] = ()
    delivery_tries: int = 20
    delivery_days: int = 3
    is_https: bool = False
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_name: str = "OpenID Connect"
    tally_seconds: int = 5
    jobs: int = 1
    job_days: int = 30
    read_percent: int = 0
    seal_milliseconds: int = 500
    log_name: str | None = None
    checkpoint_folder: Path | None = None
    checkpoint_url: str | None = None
    checkpoint_seconds: int = 60
    metrics_folder: Path | None = None
    keys: Path | None = None


class ConfigError(Exception):
    """The environment can't be used; `problems` has one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class Setting(NamedTuple):
    """One environment variable: the field it fills, how its text is read (`ValueError` says what was expected), and its
    meaning.
    """

    field: str
    read: Callable[[str], object]
    meaning: str


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """The settings of this process; `ConfigError` lists every variable that is unknown or has no use."""
    found: dict[str, object] = {}
    problems: list[str] = []
    given = os.environ if environment is None else environment
    for name, text in given.items():
        if not name.startswith(PREFIX):
            continue
        setting = SETTINGS.get(name)
        if setting is None:
            problems.append(_unknown(name))
            continue
        try:
            found[setting.field] = setting.read(text)
        except ValueError as error:
            problems.append(f"{name}: expected {error}{_shown(setting, text)}")
    if ("oidc_issuer" in found) != ("oidc_client_id" in found):
        problems.append("TAGWRIGHT_OIDC_ISSUER and TAGWRIGHT_OIDC_CLIENT_ID: expected both or neither, found one")
    if problems:
        raise ConfigError(problems)
    if given.get(METRICS_FOLDER):
        found["metrics_folder"] = Path(given[METRICS_FOLDER])
    if not str(found.get("database_url", SQLITE)).startswith(SQLITE):
        found = {"workers": os.cpu_count() or 1, "threads": POSTGRES_THREADS} | found
    return Config(**found)  # type: ignore[arg-type]  # Why: each setting's reader gives its field's type


def default_keys(database_url: str) -> Path:
    """The key folder of a database if none was named: beside a SQLite file, else in the working directory."""
    is_file = database_url.startswith(SQLITE)
    return (Path(database_url.removeprefix(SQLITE)).parent if is_file else Path()) / KEYS


def _unknown(name: str) -> str:
    near = get_close_matches(name, SETTINGS, 1)
    return f"unknown setting {name}" + (f"; did you mean {near[0]}?" if near else "")


def _shown(setting: Setting, text: str) -> str:
    """The text that was found, without what may be a secret."""
    is_secret = setting.field in SECRETS or (setting.field == "database_url" and "@" in text)
    return "" if is_secret else f", found `{text}`"


def _database_url(text: str) -> str:
    if re.fullmatch(r"sqlite:///(?!:memory:).+|postgres(ql)?://[^/]*/.+", text) is None:
        msg = (
            "a SQLite file such as sqlite:///tagwright.db or sqlite:////var/lib/tagwright/tagwright.db, "
            "or a PostgreSQL database such as postgresql://user:password@host/name"
        )
        raise ValueError(msg)
    return text


def _bind(text: str) -> str:
    match = re.fullmatch(r"(?:unix:.+|.+:(\d{1,5}))", text)
    if match is None or int(match[1] or 0) > 65535:  # noqa: PLR2004  # the highest port
        msg = "an address such as 127.0.0.1:8080 or unix:/run/tagwright.sock"
        raise ValueError(msg)
    return text


def _admin_key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not 0 < len(text) <= LONGEST_KEY:
        msg = f"1-{LONGEST_KEY} printable ASCII characters without spaces"
        raise ValueError(msg)
    return text


def _issuer(text: str) -> str:
    if ISSUER.fullmatch(text) is None:
        msg = "an address with https and without a query, such as https://login.example"
        raise ValueError(msg)
    return text


def _text(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_KEY:
        msg = f"1-{LONGEST_KEY} printable characters"
        raise ValueError(msg)
    return text.strip()


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir():
        msg = "a folder that exists"
        raise ValueError(msg)
    return folder


def _path(text: str) -> Path:
    if not text or "\0" in text:
        msg = "the path of a folder"
        raise ValueError(msg)
    return Path(text)


def _log_name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,99}", text) is None:
        msg = "a name such as tags.example.com/log: up to 100 letters, digits, `.`, `/`, `_` and `-`"
        raise ValueError(msg)
    return text


def _url(text: str) -> str:
    if re.fullmatch(r"https?://[^\s@]+", text) is None:
        msg = "an http or https URL without a password"
        raise ValueError(msg)
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,12}", text) is None or not low <= int(text) <= high:
            msg = f"a whole number from {low} to {high}"
            raise ValueError(msg)
        return int(text)

    return read


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError:
        msg = "networks such as 10.20.0.0/16, separated by commas"
        raise ValueError(msg) from None


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        msg = "`yes` or `no`"
        raise ValueError(msg)
    return text == "yes"


SETTINGS: Mapping[str, Setting] = {
    "TAGWRIGHT_DATABASE_URL": Setting("database_url", _database_url, "where everything is kept"),
    "TAGWRIGHT_BIND": Setting("bind", _bind, "the address to listen on"),
    "TAGWRIGHT_ADMIN_KEY": Setting("admin_key", _admin_key, "the first key; without it one is made and printed once"),
    "TAGWRIGHT_KEYS": Setting("keys", _path, "the key folder; made at the first start"),
    "TAGWRIGHT_RULESETS": Setting("rulesets", _folder, "the folder whose *.json are published into an empty database"),
    "TAGWRIGHT_WORKERS": Setting(
        "workers", _whole(1, 64), "processes; one is best on SQLite, one for each core on PostgreSQL"
    ),
    "TAGWRIGHT_THREADS": Setting("threads", _whole(1, 256), "threads in each process"),
    "TAGWRIGHT_GRACEFUL_SECONDS": Setting("graceful_seconds", _whole(1, 3600), "time to finish requests when stopping"),
    "TAGWRIGHT_MAX_BODY_BYTES": Setting("max_body_bytes", _whole(1024, 1024**3), "the longest request body"),
    "TAGWRIGHT_IDEMPOTENCY_DAYS": Setting("idempotency_days", _whole(1, 365), "how long replies are kept for repeats"),
    "TAGWRIGHT_SWEEP_SECONDS": Setting(
        "sweep_seconds", _whole(0, 3600), "how often it is looked for what time brings; 0 sweeps nothing from here"
    ),
    "TAGWRIGHT_TALLY_SECONDS": Setting(
        "tally_seconds", _whole(0, 3600), "how often the counts of the console's pages are renewed; 0 renews none here"
    ),
    "TAGWRIGHT_SEAL_MILLISECONDS": Setting(
        "seal_milliseconds", _whole(0, 60_000), "how often entries of the log are sealed; 0 seals none from here"
    ),
    "TAGWRIGHT_LOG_NAME": Setting("log_name", _log_name, "what the log is called, when it begins"),
    "TAGWRIGHT_CHECKPOINT_FOLDER": Setting(
        "checkpoint_folder", _folder, "a folder, best on another machine, that gets checkpoints"
    ),
    "TAGWRIGHT_CHECKPOINT_URL": Setting("checkpoint_url", _url, "a URL that checkpoints are posted to"),
    "TAGWRIGHT_CHECKPOINT_SECONDS": Setting(
        "checkpoint_seconds", _whole(1, 86_400), "how long to wait at least between two checkpoints sent there"
    ),
    "TAGWRIGHT_DELIVERY_SECONDS": Setting(
        "delivery_seconds", _whole(0, 3600), "how often changes are looked for to send; 0 sends none from here"
    ),
    "TAGWRIGHT_DELIVERY_ALLOW": Setting(
        "delivery_allow", _networks, "networks that events may be sent to though they are not public"
    ),
    "TAGWRIGHT_HTTPS": Setting(
        "is_https", _yes_or_no, "`yes` where browsers come by https: they then never send the session without it"
    ),
    "TAGWRIGHT_OIDC_ISSUER": Setting("oidc_issuer", _issuer, "the identity provider that people may sign in by"),
    "TAGWRIGHT_OIDC_CLIENT_ID": Setting("oidc_client_id", _text, "how that provider knows this service"),
    "TAGWRIGHT_OIDC_CLIENT_SECRET": Setting("oidc_client_secret", _text, "the secret that this service has there"),
    "TAGWRIGHT_OIDC_NAME": Setting("oidc_name", _text, "what people call that provider"),
    "TAGWRIGHT_DELIVERY_TRIES": Setting("delivery_tries", _whole(1, 100), "tries before an event is a dead letter"),
    "TAGWRIGHT_DELIVERY_DAYS": Setting("delivery_days", _whole(1, 30), "days of trying before that"),
    "TAGWRIGHT_JOBS": Setting("jobs", _whole(0, 16), "jobs run at a time, each by a process; 0 runs none from here"),
    "TAGWRIGHT_READ_PERCENT": Setting(
        "read_percent", _whole(0, 100), "of a hundred readings about a person, how many are noted in the log"
    ),
    "TAGWRIGHT_JOB_DAYS": Setting("job_days", _whole(1, 3650), "how long the results of jobs are kept"),
}
"""Every setting by its environment variable."""
