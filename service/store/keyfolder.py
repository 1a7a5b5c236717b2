"""The key folder: files that must never lie in the database which they protect.

A file is made once, whole, readable by its owner only; of processes that make it at the same moment one wins, and all
read the same.
Source: docs/operations.md, "The key folder".
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from service.config import ConfigError

MASTER = "master.key"
MASTER_BYTES = 32
FOLDER_MODE = 0o700


class KeyFolder:
    """The files of one folder; it need not exist before something is kept in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text(self, name: str) -> str | None:
        """What a file says; `None` if there is none. `ConfigError` if it can't be read."""
        try:
            return (self.folder / name).read_text("ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ConfigError([f"{self.folder / name}: expected a key file that can be read, found {error}"]) from None

    def put(self, name: str, text: str) -> None:
        """Have a file say something else; whoever reads meanwhile sees the old text or the new one, whole."""
        try:
            self.folder.mkdir(FOLDER_MODE, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, prefix=f".{name}.", encoding="ascii", delete=False) as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self.folder / name)
            _sync(self.folder)
        except (OSError, ValueError) as error:
            raise ConfigError([f"{self.folder / name}: expected a file that can be written, found {error}"]) from None

    def make(self, name: str, text: Callable[[], str]) -> str:
        """What a file says, which is made if there is none."""
        found = self.text(name)
        return self._made(name, text()) if found is None else found

    def master(self) -> bytes | None:
        """The master key, 32 bytes; `None` if there is none."""
        text = self.text(MASTER)
        if text is None:
            return None
        try:
            key = b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != MASTER_BYTES:
            raise ConfigError([f"{self.folder / MASTER}: expected {MASTER_BYTES} bytes in base64"])
        return key

    def make_master(self) -> bytes:
        """The master key, which is made if there is none."""
        self.make(MASTER, lambda: b64encode(os.urandom(MASTER_BYTES)).decode())
        key = self.master()
        assert key is not None
        return key

    def _made(self, name: str, text: str) -> str:
        try:
            self.folder.mkdir(FOLDER_MODE, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, prefix=f".{name}.") as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
                # Why a link: it fails if the name is taken, and nobody ever sees a file that is half written.
                os.link(file.name, self.folder / name)
            _sync(self.folder)
        except FileExistsError:
            pass
        except OSError as error:
            raise ConfigError([f"{self.folder}: expected a folder where keys can be kept, found {error}"]) from None
        found = self.text(name)
        assert found is not None
        return found


def _sync(folder: Path) -> None:
    """Have the folder's entries on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
