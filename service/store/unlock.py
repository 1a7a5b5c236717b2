"""A database and a key folder -> the vault, if they belong together.

A database remembers the fingerprint of its master key. Without one it takes the folder's key, which is made if there is
none; from then on no other will do, because nobody could read what was kept.
Source: docs/operations.md, "The key folder".
"""

from time import time

from peewee import Database

from service.audit.sealing_rows import MasterKeyRow
from service.config import ConfigError
from service.store.keyfolder import MASTER, KeyFolder
from service.store.statements import insert, run, select
from service.store.vault import Vault, fingerprint

NOTED = select(MasterKeyRow)
NOTE = insert(MasterKeyRow)
ALONE = 'LOCK TABLE "master_keys" IN EXCLUSIVE MODE'


def adopt_vault(database: Database, folder: KeyFolder) -> Vault:
    """The vault of a database, which takes the folder's master key if it has none yet.

    `ConfigError` if the folder lacks its key, or holds another.
    """
    with database.atomic():
        if database.for_update:
            run(database, ALONE)
        if run(database, NOTED).fetchone() is None:
            run(database, NOTE, MasterKeyRow(fingerprint(folder.make_master()), int(time() * 1000)))
        return open_vault(database, folder)


def open_vault(database: Database, folder: KeyFolder) -> Vault:
    """The vault of a database. `ConfigError` if the folder lacks its master key, or holds another."""
    noted = run(database, NOTED).fetchone()
    master = folder.master()
    if master is None:
        raise ConfigError([f"TAGWRIGHT_KEYS: expected the master key of this database in {_file(folder)}, found none"])
    if noted is None or fingerprint(master) != noted[0]:
        wanted = noted[0] if noted else "of a first start"
        found = f"expected the master key {wanted}, found {fingerprint(master)} in {_file(folder)}"
        raise ConfigError([f"TAGWRIGHT_KEYS: {found}; restore the key folder that belongs to this database"])
    return Vault(master)


def _file(folder: KeyFolder) -> str:
    return str(folder.folder / MASTER)
