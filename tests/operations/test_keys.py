"""API keys: who is let in, for how long, and what is kept of it."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound, Unauthenticated
from service.operations.keys import ROLES, create_key, first_key, list_keys, revoke_key
from tests.conftest import wire_on
from tests.databases import everything, rows
from tests.small import DAY


def make(service, **more):
    """A fresh key."""
    return create_key(service, {"name": "test", "roles": ["evaluator"], **more}, COMMAND_LINE)


def settle(service):
    """Wait until what is written in the background is written."""
    service.store.write(lambda _unit: None)


def test_a_key_stands_for_its_owner(service):
    """Whoever sends a key is known by it, with its roles."""
    made = make(service, roles=["admin", "evaluator"])
    row = service.keyring.owner(made["key"])
    assert (row.id, row.name, row.roles) == (made["id"], "test", "evaluator admin")


@pytest.mark.parametrize(
    "text",
    ["", "tw", "tw_", "tw__", "tw_unknown_secret", "xx_a_b", "tw_a_" + "b" * 43, "anything else", "a" * 5_000, "täst"],
)
def test_what_is_no_key_is_refused(service, text):
    """A stranger is turned away, whatever is sent."""
    with pytest.raises(Unauthenticated):
        service.keyring.owner(text)


def test_a_wrong_secret_is_refused(service):
    """An id alone opens nothing."""
    made = make(service)
    with pytest.raises(Unauthenticated):
        service.keyring.owner(made["key"][:-1] + ("a" if made["key"][-1] != "a" else "b"))


def test_a_revoked_key_ends_at_once(service):
    """Where a key is revoked it ends with the next request."""
    made = make(service)
    service.keyring.owner(made["key"])
    revoke_key(service, made["id"], COMMAND_LINE)
    with pytest.raises(Unauthenticated, match="revoked"):
        service.keyring.owner(made["key"])


def test_a_revoked_key_ends_everywhere_within_a_second(service, database, clock):
    """Other processes stop trusting a revoked key after a second at the latest."""
    other = wire_on(database, clock)
    made = make(service)
    other.keyring.owner(made["key"])
    settle(other)
    revoke_key(service, made["id"], COMMAND_LINE)
    clock.at += 1_000
    with pytest.raises(Unauthenticated):
        other.keyring.owner(made["key"])
    other.store.close()


def test_a_key_ends_by_itself(service, clock):
    """A key with an expiry is valid until then and not a moment longer."""
    made = make(service, expires_at="2026-01-02T00:00:00Z")
    clock.at += DAY - 1
    service.keyring.owner(made["key"])
    clock.at += 1
    with pytest.raises(Unauthenticated, match="expired"):
        service.keyring.owner(made["key"])


def test_last_use_is_noted_once_a_minute(service, clock):
    """An operator sees when a key was last used, to the minute."""
    made = make(service)
    for step in (0, 30_000, 60_000):
        clock.at += step
        service.keyring.owner(made["key"])
        settle(service)
    used = service.store.read(lambda reads: reads.key(made["id"])).last_used_at
    assert used == clock.at
    clock.at += 59_999
    service.keyring.owner(made["key"])
    settle(service)
    assert service.store.read(lambda reads: reads.key(made["id"])).last_used_at == used


def test_no_secret_is_kept(service, database):
    """Nothing in the database lets anybody in."""
    made = make(service)
    secret = made["key"].split("_", 2)[2]
    assert made["id"] in everything(database)
    assert secret not in everything(database)


def test_keys_are_listed_without_secrets(service):
    """The list shows everything about keys but what opens the door."""
    made = [make(service, name=f"k{number}") for number in range(3)]
    first, following = list_keys(service, "", 2)
    second, end = list_keys(service, following, 2)
    assert sorted(one["name"] for one in first + second) == ["k0", "k1", "k2"]
    assert end is None
    assert all("key" not in one for one in first + second)
    assert {one["id"] for one in first + second} == {one["id"] for one in made}


def test_a_wish_for_a_key_is_checked(service):
    """Every mistake of a wish is told at once."""
    with pytest.raises(InvalidRequest) as refused:
        create_key(service, {"roles": ["king"], "expires_at": "soon", "nam": 1}, COMMAND_LINE)
    assert {(one.pointer, one.code) for one in refused.value.errors} == {
        ("/name", "missing-member"),
        ("/nam", "unknown-member"),
        ("/roles/0", "wrong-value"),
        ("/expires_at", "wrong-value"),
    }
    with pytest.raises(InvalidRequest):
        create_key(service, [], COMMAND_LINE)


def test_a_key_that_is_not_there_can_not_be_revoked(service):
    """A mistyped id is told, not ignored."""
    with pytest.raises(NotFound):
        revoke_key(service, "nobody", COMMAND_LINE)


def test_the_first_key_is_made_once(service):
    """A new service has one key with every role; later starts make none."""
    text = first_key(service, None, COMMAND_LINE)
    assert service.keyring.owner(text).roles.split() == list(ROLES)
    assert first_key(service, None, COMMAND_LINE) is None


@pytest.mark.parametrize("chosen", ["tw_chosen_" + "k" * 43, "any-other-text", "tw_half", "tw__"])
def test_the_first_key_can_be_chosen(service, chosen):
    """An operator may bring the first key along, in any form."""
    assert first_key(service, chosen, COMMAND_LINE) == chosen
    assert service.keyring.owner(chosen).name == "first key"
    with pytest.raises(Unauthenticated):
        service.keyring.owner(f"{chosen}x")


def test_changes_of_keys_are_in_the_audit_events(service, database):
    """Who made and ended a key is recorded."""
    made = make(service)
    revoke_key(service, made["id"], COMMAND_LINE)
    revoke_key(service, made["id"], COMMAND_LINE)
    found = rows(database, "SELECT action, subject, actor, detail FROM audit_events ORDER BY seq")
    assert [one[:3] for one in found] == [
        ("ruleset.published", "small", "command-line"),
        ("key.created", made["id"], "command-line"),
        ("key.revoked", made["id"], "command-line"),
    ]
    assert json.loads(found[1][3]) == {"name": "test", "roles": ["evaluator"], "expires_at": None}
