"""A reply means committed: a PostgreSQL server that is killed under load has every acknowledged record afterwards."""

from tests.assurance.killing import OFF, ON, kill_rounds

SECONDS = 0.7


def test_no_kill_loses_what_was_acknowledged():
    """With commits as the service has them nothing that was answered is missing after the server was killed."""
    found = kill_rounds(ON, 1, SECONDS)
    assert found.acknowledged > 50
    assert found.missing == 0


def test_the_kill_would_show_a_loss():
    """The control: where commits are answered before they are written, the same kill does lose records."""
    found = kill_rounds(OFF, 1, SECONDS)
    assert found.missing > 0
