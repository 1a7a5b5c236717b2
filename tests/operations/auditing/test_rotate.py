"""The log's key can be changed while it goes on, and the log itself tells of it."""

import pytest

from service.audit.note import read_note
from service.bootstrap import COMMAND_LINE
from service.errors import Conflict, NotFound
from service.operations.auditing.rotate import rotate_key
from service.operations.auditing.verify import verify_log
from tests.operations.auditing.logs import checkpoints, members, note, seal_all


def signatures(service):
    """How many keys signed each checkpoint."""
    rows = service.store.read(lambda reads: reads.sealing.checkpoints(0, 100))
    return [len(read_note(row.note.encode()).signatures) for row in rows]


def test_a_key_is_changed_in_two_steps(service):
    """Old alone, both, new alone; the log verifies from its first entry to its last, and each step is an entry."""
    seal_all(service)
    new = rotate_key(service, COMMAND_LINE)
    seal_all(service)
    with pytest.raises(Conflict, match="finish it first"):
        rotate_key(service, COMMAND_LINE)
    assert rotate_key(service, COMMAND_LINE, finish=True) == new
    seal_all(service)
    assert signatures(service) == [1, 1, 2, 1]
    assert verify_log(service).holds
    ids = [one.id for one in members(service) if one.kind == "event"]
    actions = [row.action for row in service.store.read(lambda reads: reads.sealing.events(ids))]
    assert actions[-2:] == ["log.key_added", "log.key_dropped"]


def test_what_can_not_be_finished(service):
    """Without a change under way there is nothing to finish, and without a log nothing to change."""
    with pytest.raises(NotFound):
        rotate_key(service, COMMAND_LINE)
    note(service)
    seal_all(service)
    with pytest.raises(Conflict, match="no change of keys is under way"):
        rotate_key(service, COMMAND_LINE, finish=True)
    assert len(checkpoints(service)) == 2
