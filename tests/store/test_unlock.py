"""The key folder and the database that belongs to it."""

import os
import stat
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.config import Config, ConfigError, default_keys
from service.store.keyfolder import KeyFolder
from service.store.store import Store


@pytest.fixture
def folder(tmp_path):
    """Where keys are kept."""
    return tmp_path / "keys"


def start(url, folder) -> Store:
    """A store that was brought up to date."""
    store = Store(url, keys=folder)
    store.upgrade()
    return store


def test_the_master_key_is_made_once(empty_url, folder):
    """The first start makes a key that its owner alone can read; later ones take it."""
    start(empty_url, folder).close()
    file = folder / "master.key"
    text = file.read_text("ascii")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    start(empty_url, folder).close()
    assert file.read_text("ascii") == text
    assert [one.name for one in folder.iterdir()] == ["master.key"]


@pytest.mark.parametrize("becomes", [None, b64encode(bytes(32)).decode()])
def test_a_database_takes_no_other_key(empty_url, folder, becomes):
    """Without its key, or with another, the service refuses to start, says why, and makes no new key."""
    start(empty_url, folder).close()
    file = folder / "master.key"
    if becomes is None:
        file.unlink()
    else:
        file.write_text(becomes, "ascii")
    for attempt in (Store.upgrade, lambda store: store.read(lambda reads: reads.rulesets())):
        store = Store(empty_url, keys=folder)
        with pytest.raises(ConfigError, match="TAGWRIGHT_KEYS: expected the master key"):
            attempt(store)
        store.close()
    assert file.exists() == (becomes is not None)


def test_a_write_is_refused_without_the_key(empty_url, folder):
    """Nothing is written that nobody could read."""
    start(empty_url, folder).close()
    (folder / "master.key").unlink()
    store = Store(empty_url, keys=folder)
    with pytest.raises(ConfigError, match="found none"):
        store.write(lambda _unit: None)
    store.close()


@pytest.mark.parametrize("text", ["", "not base64 !", b64encode(b"short").decode(), "schlüssel"])
def test_a_file_that_is_no_key_is_named(empty_url, folder, text):
    """A damaged key file is told by its name."""
    folder.mkdir()
    (folder / "master.key").write_text(text, "utf-8")
    store = Store(empty_url, keys=folder)
    with pytest.raises(ConfigError, match=r"master\.key: expected"):
        store.upgrade()
    store.close()


def test_a_folder_that_can_not_be_made_is_named(empty_url, tmp_path):
    """An operator is told where keys could not be kept."""
    store = Store(empty_url, keys=tmp_path / "nowhere" / "keys")
    with pytest.raises(ConfigError, match="expected a folder where keys can be kept"):
        store.upgrade()
    store.close()


def test_processes_that_make_a_key_together_have_one(folder):
    """Whoever starts at the same moment reads the same key."""
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: KeyFolder(folder).make("signing.key", lambda: os.urandom(8).hex()), range(8)))
    assert len(made) == 1


def test_keys_lie_beside_a_sqlite_file(tmp_path):
    """Without a setting the folder is beside the database's file, else where the service was started."""
    assert default_keys(f"sqlite:///{tmp_path}/a.db") == tmp_path / "tagwright-keys"
    assert str(default_keys("postgresql://host/name")) == "tagwright-keys"
    assert Config().keys is None
