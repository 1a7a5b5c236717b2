"""Ids: they sort by time and never repeat."""

from concurrent.futures import ThreadPoolExecutor

from service.store.ulids import DIGITS, Ulids


def test_ids_sort_by_their_instant():
    """A later id stands behind an earlier one, also where both are of one instant."""
    ids = Ulids()
    made = [ids.ulid(at) for at in (1, 1, 1, 2, 1_767_225_600_000, 1_767_225_600_000)]
    assert made == sorted(made)
    assert {len(one) for one in made} == {26}
    assert set("".join(made)) <= set(DIGITS)


def test_ids_never_repeat():
    """Threads and processes that make ids at the same instant make different ones."""
    several = [Ulids(), Ulids()]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: several[number % 2].ulid(7), range(20_000)))
    assert len(set(made)) == len(made)


def test_secrets_have_256_bits():
    """A key can't be guessed."""
    ids = Ulids()
    assert len(ids.secret()) == 43
    assert ids.secret() != ids.secret()
