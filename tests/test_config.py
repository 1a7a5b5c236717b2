"""Settings: what is set counts, and what can't be used is told before anything starts."""

import os
from pathlib import Path

import pytest

from service.config import SETTINGS, Config, ConfigError, read_config

KEY = "tw_first_" + "k" * 43


def test_without_settings_everything_has_a_default():
    """A newcomer sets nothing; the shipped rulesets are found."""
    config = read_config({"PATH": "/bin"})
    assert config == Config()
    assert len(list(config.rulesets.glob("*.json"))) == 5


def test_every_setting_counts(tmp_path):
    """Each variable sets what it is said to set."""
    given = {
        "TAGWRIGHT_DATABASE_URL": "sqlite:////data/t.db",
        "TAGWRIGHT_BIND": "unix:/run/t.sock",
        "TAGWRIGHT_ADMIN_KEY": KEY,
        "TAGWRIGHT_RULESETS": str(tmp_path),
        "TAGWRIGHT_WORKERS": "2",
        "TAGWRIGHT_THREADS": "8",
        "TAGWRIGHT_GRACEFUL_SECONDS": "5",
        "TAGWRIGHT_MAX_BODY_BYTES": "2048",
        "TAGWRIGHT_IDEMPOTENCY_DAYS": "1",
    }
    assert set(given) <= set(SETTINGS)
    assert read_config(given | {"PROMETHEUS_MULTIPROC_DIR": "/data/m"}) == Config(
        database_url="sqlite:////data/t.db",
        bind="unix:/run/t.sock",
        admin_key=KEY,
        rulesets=tmp_path,
        workers=2,
        threads=8,
        graceful_seconds=5,
        max_body_bytes=2048,
        idempotency_days=1,
        metrics_folder=Path("/data/m"),
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("TAGWRIGHT_TREADS", "8", "did you mean TAGWRIGHT_THREADS?"),
        ("TAGWRIGHT_NONSENSE_ALTOGETHER", "8", "unknown setting"),
        ("TAGWRIGHT_DATABASE_URL", "mysql://x", "expected a SQLite file"),
        ("TAGWRIGHT_DATABASE_URL", "sqlite:///:memory:", "expected a SQLite file"),
        ("TAGWRIGHT_BIND", "8080", "expected an address"),
        ("TAGWRIGHT_BIND", "localhost:99999", "expected an address"),
        ("TAGWRIGHT_RULESETS", "/nowhere", "expected a folder that exists, found `/nowhere`"),
        ("TAGWRIGHT_WORKERS", "0", "expected a whole number from 1 to 64, found `0`"),
        ("TAGWRIGHT_THREADS", "many", "expected a whole number"),
    ],
)
def test_what_can_not_be_used_is_told(name, text, words):
    """A mistyped setting stops the start with its name and what was expected."""
    with pytest.raises(ConfigError, match=name) as refused:
        read_config({name: text})
    assert words in str(refused.value)


def test_all_mistakes_are_told_at_once():
    """An operator repairs everything in one go."""
    with pytest.raises(ConfigError) as refused:
        read_config({"TAGWRIGHT_WORKERS": "x", "TAGWRIGHT_THREADS": "y", "TAGWRIGHT_X": "z"})
    assert len(refused.value.problems) == 3


def test_the_key_is_never_shown():
    """A secret stands in no message and no representation."""
    with pytest.raises(ConfigError) as refused:
        read_config({"TAGWRIGHT_ADMIN_KEY": "my secret"})
    assert "my secret" not in str(refused.value)
    assert KEY not in repr(read_config({"TAGWRIGHT_ADMIN_KEY": KEY}))


def test_on_postgres_every_core_has_a_process():
    """What is best differs between the databases, and what an operator says counts all the same."""
    url = "postgresql://user:pass%40word@host:5432/name?sslmode=verify-full"
    config = read_config({"TAGWRIGHT_DATABASE_URL": url})
    assert (config.database_url, config.workers, config.threads) == (url, os.cpu_count(), 4)
    config = read_config({"TAGWRIGHT_DATABASE_URL": url, "TAGWRIGHT_WORKERS": "3", "TAGWRIGHT_THREADS": "9"})
    assert (config.workers, config.threads) == (3, 9)


@pytest.mark.parametrize("url", ["postgresql://user:secret@host", "mysql://user:secret@host/name"])
def test_a_password_is_never_shown(url):
    """A database's URL that can't be used is told without what may be a password in it."""
    with pytest.raises(ConfigError, match="or a PostgreSQL database") as refused:
        read_config({"TAGWRIGHT_DATABASE_URL": url})
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(read_config({"TAGWRIGHT_DATABASE_URL": "postgresql://user:secret@host/name"}))
