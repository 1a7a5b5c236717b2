"""The herald: a thread that tells checkpoints to places outside, a folder or a URL, each at its own pace.

A folder gets a file for each checkpoint, which is never written again; a URL gets the note as the body of a POST.
Source: docs/operations.md, "Checkpoints outside".
"""

import os
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from service.operations.auditing.push import settle_push, take_push
from service.operations.service import Service
from service.outgoing.sender import NotSent, Sender

HEADERS = {"content-type": "text/plain; charset=utf-8"}
DIGITS = 20


class Place(Protocol):
    """Somewhere that checkpoints are told. `name` tells it from others."""

    name: str

    def tell(self, size: int, note: str) -> None:
        """Tell a checkpoint; `NotSent` or `OSError` if it can't be."""


class FolderPlace:
    """A folder, best one where files can be added and not changed."""

    def __init__(self, folder: Path) -> None:
        self.name = f"folder {folder}"
        self._folder = folder

    def tell(self, size: int, note: str) -> None:
        """Add a file; one of that name must already say the same."""
        file = self._folder / f"checkpoint-{size:0{DIGITS}d}.txt"
        try:
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                opened.write(note)
                opened.flush()
                os.fsync(opened.fileno())
        except FileExistsError:
            if file.read_text("utf-8") != note:
                raise NotSent(f"expected the same checkpoint in {file.name}, found another") from None


class UrlPlace:
    """A URL."""

    def __init__(self, url: str, sender: Sender) -> None:
        self.name = f"url {url}"[:200]
        self._url = url
        self._sender = sender

    def tell(self, size: int, note: str) -> None:
        """Post the note; any status from 200 to 299 will do."""
        with self._sender.line(self._url) as line:
            status = line.post({**HEADERS, "x-tree-size": str(size)}, note.encode())
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise NotSent(f"the reply was {status}")


class Herald:
    """The herald of one process. `seconds` lie at least between two checkpoints that one place is told."""

    def __init__(
        self, service: Service, places: Sequence[Place], seconds: int, on_error: Callable[[BaseException], None]
    ) -> None:
        self._service = service
        self._places = places
        self._seconds = seconds
        self._on_error = on_error
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Look every so many seconds whom to tell, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="herald", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being told."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> None:
        """Tell every place what is due."""
        for place in self._places:
            due = take_push(self._service, place.name, self._seconds)
            if due is None:
                continue
            error: str | None = None
            try:
                place.tell(due.checkpoint.size, due.checkpoint.note)
            except (NotSent, OSError) as refused:
                error = str(refused)
                self._on_error(refused)
            settle_push(self._service, due, error)

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)


def places_of(folder: Path | None, url: str | None, sender: Sender) -> list[Place]:
    """The places that the settings name."""
    places: list[Place] = []
    if folder is not None:
        places.append(FolderPlace(folder.absolute()))
    if url is not None:
        places.append(UrlPlace(url, sender))
    return places
