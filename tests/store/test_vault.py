"""Content as it lies in the database: sealed for one person and one place."""

import os

import pytest

from service.store.vault import Damaged, Vault, fingerprint, is_sealed, opened, place

MASTER = bytes(range(32))
TEXT = '{"plan":"paid","name":"小 é"}'
HERE = place("evaluations", "record", "e1")


@pytest.fixture
def vault():
    """A vault with a known master key."""
    return Vault(MASTER)


@pytest.fixture
def key(vault):
    """The data key of a profile."""
    return vault.new_key("r", "p")


def test_what_is_sealed_opens_again(vault, key):
    """A wrapped key opens what it sealed, also in another process."""
    sealed = key.seal(TEXT.encode(), HERE)
    again = Vault(MASTER).data_key(key.wrapped, "r", "p")
    assert opened(sealed, again, HERE) == TEXT
    assert opened(memoryview(sealed), again, HERE) == TEXT
    assert is_sealed(sealed)


def test_nothing_of_a_content_shows(key):
    """What is sealed twice looks different each time, and nowhere like the text."""
    first, second = key.seal(TEXT.encode(), HERE), key.seal(TEXT.encode(), HERE)
    assert first != second
    assert b"paid" not in first + second + key.wrapped


def test_text_of_before_is_read_as_it_is(key):
    """A database that was filled before anything was sealed stays readable, as text and as bytes."""
    assert opened(TEXT, None, HERE) == opened(TEXT.encode(), key, HERE) == TEXT
    assert not is_sealed(TEXT)
    assert not is_sealed(TEXT.encode())


def test_what_is_gone_reads_as_nothing(vault, key):
    """Without the key, under another one, or emptied: the content is gone, and that is no error."""
    sealed = key.seal(TEXT.encode(), HERE)
    assert opened(sealed, None, HERE) == ""
    assert opened(sealed, vault.new_key("r", "p"), HERE) == ""
    assert opened(None, key, HERE) == opened(b"", key, HERE) == ""
    assert not is_sealed(None)


def test_a_content_can_not_be_moved_or_changed(key):
    """A content in another row or column, or with any byte changed, is refused and not misread."""
    sealed = key.seal(TEXT.encode(), HERE)
    with pytest.raises(Damaged, match="does not open at"):
        opened(sealed, key, place("evaluations", "record", "e2"))
    for at in range(5, len(sealed)):
        with pytest.raises(Damaged):
            opened(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], key, HERE)


@pytest.mark.parametrize("who", [("r", "q"), ("s", "p")])
def test_a_key_can_not_be_given_to_another(vault, key, who):
    """A wrapped key in another profile's row is refused."""
    with pytest.raises(Damaged, match="does not open"):
        vault.data_key(key.wrapped, *who)


def test_another_master_key_opens_nothing(key):
    """Without the key folder the database is of no use."""
    with pytest.raises(Damaged):
        Vault(os.urandom(32)).data_key(key.wrapped, "r", "p")
    assert fingerprint(MASTER) != fingerprint(os.urandom(32))


def test_each_entry_has_a_salt_of_its_own(vault, key):
    """The salt follows from key and entry, so nobody has it once the key is gone."""
    assert key.salt("e1") == Vault(MASTER).data_key(key.wrapped, "r", "p").salt("e1")
    assert len({key.salt("e1"), key.salt("e2"), vault.new_key("r", "p").salt("e1")}) == 3
