"""Checkpoints are told to places outside, each at its own pace, until they arrive."""

import socket
from threading import Event

import pytest

from service.audit.checkpoint import open_checkpoint
from service.operations.auditing.prove import read_log_keys
from service.operations.auditing.push import count_failures
from service.outgoing.herald import FolderPlace, Herald, UrlPlace, places_of
from service.outgoing.sender import NotSent, Sender
from tests.operations.auditing.logs import note, seal_all
from tests.receiver import LOOPBACK, receiving

SECONDS = 60


@pytest.fixture
def folder(tmp_path):
    """A folder on another machine, as it were."""
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


def herald(service, *places):
    """A herald whose errors are kept in `errors`."""
    errors = []
    made = Herald(service, places, SECONDS, errors.append)
    made.errors = errors
    return made


def told(folder):
    """The sizes of the checkpoints in a folder."""
    return [int(file.stem.rpartition("-")[2]) for file in sorted(folder.iterdir())]


def test_a_folder_gets_the_newest_checkpoint_now_and_then(service, folder, clock):
    """At most one a minute, always the newest, signed as it is; while nothing new is sealed, nothing."""
    one = herald(service, FolderPlace(folder))
    one.step()
    assert told(folder) == []
    for _ in range(2):
        note(service)
        seal_all(service)
        one.step()
        one.step()
    assert told(folder) == [2]
    clock.at += SECONDS * 1000
    one.step()
    assert told(folder) == [2, 3]
    keys = read_log_keys(service)[1]
    assert [open_checkpoint(file.read_bytes(), keys).size for file in sorted(folder.iterdir())] == [2, 3]
    assert (one.errors, count_failures(service)) == ([], 0)


def test_a_url_gets_checkpoints_until_they_arrive(service, clock):
    """A receiver that refuses is tried again, later each time; the failures are known, and end with success."""
    note(service)
    seal_all(service)
    statuses = [500, 500, 204]
    with receiving(lambda _headers, _body: statuses.pop(0)) as outside:
        one = herald(service, UrlPlace(outside.url, Sender(LOOPBACK)))
        one.step()
        clock.at += SECONDS * 1000
        one.step()
        assert (len(outside.received), count_failures(service)) == (1, 1)
        clock.at += SECONDS * 1000
        one.step()
        assert (len(outside.received), count_failures(service)) == (2, 2)
        clock.at += 4 * SECONDS * 1000
        one.step()
        assert (len(outside.received), count_failures(service)) == (3, 0)
        assert open_checkpoint(outside.received[-1].body, read_log_keys(service)[1]).size == 2
        assert outside.received[-1].headers["x-tree-size"] == "2"
        assert [str(error) for error in one.errors] == ["the reply was 500"] * 2


def test_nobody_is_told_in_the_operators_own_network(service):
    """The URL of a checkpoint is judged as that of any event: loopback is refused unless it is allowed."""
    note(service)
    seal_all(service)
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = UrlPlace(f"http://127.0.0.1:{server.getsockname()[1]}/", Sender())
        with pytest.raises(NotSent):
            place.tell(1, "note")


def test_a_checkpoint_is_never_overwritten(folder):
    """A file that says another checkpoint of the same size is left, and said to be a contradiction."""
    place = FolderPlace(folder)
    place.tell(1, "note\n")
    place.tell(1, "note\n")
    with pytest.raises(NotSent, match="found another"):
        place.tell(1, "another\n")
    assert [file.read_text() for file in folder.iterdir()] == ["note\n"]


def test_a_folder_that_is_gone_is_told_as_a_failure(service, folder, clock):
    """A place that can't be written is an error for the operator, not the end of the herald."""
    note(service)
    seal_all(service)
    place = FolderPlace(folder)
    folder.rmdir()
    one = herald(service, place)
    one.step()
    assert len(one.errors) == count_failures(service) == 1
    folder.mkdir()
    clock.at += 2 * SECONDS * 1000
    one.start(0.01)
    for _ in range(500):
        if told(folder):
            break
        Event().wait(0.01)
    one.stop()
    assert told(folder) == [2]


def test_places_come_from_the_settings(folder):
    """A folder, a URL, both or none."""
    sender = Sender()
    assert [one.name for one in places_of(folder, "https://e.example/", sender)] == [
        f"folder {folder}",
        "url https://e.example/",
    ]
    assert places_of(None, None, sender) == []
