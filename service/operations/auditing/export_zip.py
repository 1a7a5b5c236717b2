"""Files, made while they are read -> a .zip as a stream: the same bytes for the same files, on any day.

Order and instants are fixed. Nothing is kept but a part of the file under way.
Source: APPNOTE 6.3.10 (ZIP); sizes stand behind each file, since they are not known before.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first instant that the format knows."""
READABLE = 0o644 << 16
UNIX = 3
PART_BYTES = 1 << 16


class File(NamedTuple):
    """A file of the pack: its parts are made when it is its turn."""

    name: str
    parts: Iterable[bytes]


class Outlet:
    """Takes what is written, and gives it away; it can't be wound back, so nothing is ever changed behind."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0

    def write(self, data: bytes) -> int:
        """Take some."""
        self._parts.append(bytes(data))
        self._bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def take(self, least: int = 0) -> bytes:
        """Give away what there is, if it is enough."""
        if self._bytes <= least:
            return b""
        found = b"".join(self._parts)
        self._parts, self._bytes = [], 0
        return found


def zip_files(files: Iterable[File], hashes: dict[str, str]) -> Iterator[bytes]:
    """The .zip, part by part; `hashes` gets the SHA-256 of each file once it is through."""
    outlet = Outlet()
    with ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]  # a sink that can't be wound back will do
        for name, parts in files:
            found = sha256()
            with archive.open(_entry(name), "w", force_zip64=True) as entry:
                for part in parts:
                    found.update(part)
                    entry.write(part)
                    if some := outlet.take(PART_BYTES):
                        yield some
            hashes[name] = found.hexdigest()
    yield outlet.take()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, EPOCH)
    entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, READABLE, UNIX
    return entry
