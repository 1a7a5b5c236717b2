"""Erasing a person: what goes, what stays, and what nobody can find out any more."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.auditing.erase import begin_erasure, erase_profile, finish_erasures
from service.operations.auditing.find import EVER, Filter, list_decisions, read_evaluation
from service.operations.auditing.hold import end_hold, list_holds, place_hold, read_hold
from service.operations.auditing.prove import prove_entry
from service.operations.evaluate import evaluate_batch, evaluate_profile
from service.operations.feed import list_changes
from service.operations.keys import create_key
from service.operations.manual import set_tag
from service.operations.profiles import read_profile
from service.operations.publish import publish_ruleset
from service.operations.repeats import Repeat
from service.operations.segments import list_profiles, read_segment
from tests.databases import evaluations, everything, rows
from tests.operations.auditing.logs import leaves, rebuilt, seal_all
from tests.small import CALLER, KEY, RULESET, asking, changed, request
from tests.store.test_contract import evaluation

WHO = "anna-4711"
GROUND = {"ground": "GDPR 17(1)(b)"}
ALL = Filter({}, EVER, everything=False)


def decide(service, who=WHO, repeat=None, **attributes):
    """Decide a profile, which changes something each time `visits` leaps; the reply."""
    body = asking(who, plan="paid", **attributes)
    return json.loads(evaluate_profile(service, KEY, request(body, repeat=repeat)).text)


def live(service) -> list[str]:
    """Give the person a life: records, changes, a word by hand, a reply that is kept; the ids of the records."""
    repeat = Repeat("key1", "name", "f", 7)
    made = [decide(service, visits=9, repeat=repeat)["evaluation_id"], decide(service, visits=0)["evaluation_id"]]
    tagged = set_tag(service, WHO, "keen", request({"ruleset": KEY, "state": "assigned", "reason": "she asked"}))
    return [*made, json.loads(tagged.text)["evaluation_id"]]


def erase(service, who=WHO):
    """Erase a person."""
    return erase_profile(service, who, GROUND, COMMAND_LINE)


def test_nothing_of_the_person_stays(service, database):
    """After an erasure the id stands in no table, and the counts say how much there was."""
    live(service)
    decide(service, "berta", visits=9)
    erased = erase(service)
    assert (erased.evaluations, erased.events, erased.rulesets) == (3, 1, [KEY])
    found = everything(database)
    assert WHO not in found
    assert "berta" in found
    assert "she asked" not in found
    with pytest.raises(NotFound):
        read_profile(service, WHO, None)
    with pytest.raises(NotFound):
        erase(service)


def test_the_erasure_is_in_the_log(service, database):
    """Who erased, when, on what ground and how much, under a pseudonym that names the entry; not whom."""
    live(service)
    erased = erase(service)
    ((actor, subject, detail),) = rows(
        database,
        f"SELECT actor, subject, detail FROM audit_events WHERE id = '{erased.entry}'",  # noqa: S608
    )
    assert (actor, subject) == ("command-line", erased.pseudonym)
    assert erased.pseudonym == f"erased:{erased.entry}"
    assert json.loads(detail) == {
        "ground": "GDPR 17(1)(b)",
        "rulesets": [KEY],
        "evaluations": 3,
        "changes": erased.changes,
        "events": 1,
    }


def test_counts_over_the_log_stay(service):
    """Changes of somebody who was erased are still counted, under the pseudonym."""
    live(service)
    before, _ = list_decisions(service, ALL, None, 100)
    erased = erase(service)
    after, _ = list_decisions(service, ALL, None, 100)
    assert [{**one, "profile_id": None, "request_id": ""} for one in before] == [
        {**one, "profile_id": None, "request_id": ""} for one in after
    ]
    assert {one["profile_id"] for one in after} == {erased.pseudonym}


def test_a_record_that_was_erased_says_so(service):
    """Whoever asks for it is told by which entry and when it went."""
    first, *_ = live(service)
    erased = erase(service)
    with pytest.raises(Conflict, match=f"erased on 2026-01-01T00:00:00Z, entry `{erased.entry}`") as refused:
        read_evaluation(service, first)
    assert refused.value.code == "erased"
    assert refused.value.more["erased"]["action"] == "profile.erased"


def test_every_proof_still_holds(service):
    """The tree over the log is made of envelopes, so no erasure changes a leaf, a root or a proof (A8)."""
    first, *_ = live(service)
    size = seal_all(service)
    before, proof = leaves(service), prove_entry(service, first, size)
    assert len(before) == size > 3
    erase(service)
    assert leaves(service) == before == rebuilt(service)
    assert prove_entry(service, first, size) == proof
    assert seal_all(service) == size + 1
    assert rebuilt(service) == leaves(service)


def test_hashes_of_content_would_not_hold(service):
    """A log whose leaves are hashes of the records themselves could not be checked after an erasure."""
    made = live(service)
    naive = {row.id: sha256(row.record.encode()).digest() for row in evaluations_of(service)}
    erase(service)
    after = {row.id: sha256(row.record.encode()).digest() for row in evaluations_of(service)}
    assert all(naive[one] != after[one] for one in made)


def evaluations_of(service) -> list:
    """Every evaluation."""
    return [one.row for one in service.store.read(lambda reads: reads.evaluations({}, (None, None), 1 << 62, 1000))]


def test_whoever_comes_again_is_somebody_new(service):
    """The same id begins anew, remembers nothing, and is not linked to what was there."""
    first, *_ = live(service)
    erased = erase(service)
    reply = decide(service, visits=1)
    assert [one["cause"] for one in reply["decisions"]] == ["first"] * len(reply["decisions"])
    assert read_profile(service, WHO, KEY)["revision"] == 1
    assert service.store.read(lambda reads: reads.evaluation(first)).record == ""
    again = erase(service)
    assert again.evaluations == 1
    assert again.pseudonym != erased.pseudonym


def test_a_request_in_the_same_commit_begins_anew_too(service, database):
    """Even where an evaluation shares the commit of an erasure, it has a new key, and nothing of before opens by it."""
    live(service)
    row = service.store.read(lambda reads: reads.profile(KEY, WHO))
    ((old,),) = rows(database, "SELECT key FROM profiles")

    def job(unit):
        begin_erasure(service, unit, WHO, "test", COMMAND_LINE)
        assert unit.profile(KEY, WHO) is None
        unit.record([evaluation(1, ruleset=KEY, profile_id=WHO)], [], row._replace(revision=1))

    service.store.write(job)
    ((new,),) = rows(database, "SELECT key FROM profiles")
    assert bytes(old) != bytes(new)
    assert service.store.read(lambda reads: reads.evaluation("e1")).record == "{}"


def test_segments_and_events_forget(service):
    """Nobody finds the person in a segment, and nobody is told of the person any more."""
    live(service)
    decide(service, "berta", visits=9)
    segment = read_segment(service, {"ruleset": KEY})
    assert [one["profile_id"] for one in list_profiles(service, segment, None, 10)[0]] == [WHO, "berta"]
    erase(service)
    assert [one["profile_id"] for one in list_profiles(service, segment, None, 10)[0]] == ["berta"]
    told = [json.loads(one)["subject"] for one in list_changes(service, {}, None, 100).events]
    assert set(told) == {"berta"}


def test_a_kept_reply_goes_too(service, database):
    """A reply that names the person is not given again, be it of one profile or of many; others are."""
    decide(service, visits=9, repeat=Repeat("key1", "one", "f", 7))
    decide(service, "berta", visits=9, repeat=Repeat("key1", "other", "f", 7))
    for name, who in (("many", WHO), ("more", "carla")):
        items = {"items": [asking(who, visits=1), asking("berta", visits=1)]}
        evaluate_batch(service, KEY, request(items, repeat=Repeat("key1", name, "f", 7)), str)
    erase(service)
    kept = rows(database, "SELECT idempotency_key FROM replies ORDER BY 1")
    assert kept == [("more",), ("other",)]
    assert rows(database, "SELECT DISTINCT profile_id FROM reply_people ORDER BY 1") == [("berta",), ("carla",)]


def test_an_idempotency_key_is_remembered_for_everybody_else(service):
    """The second request under a name still gets the reply of the first."""
    first = decide(service, "berta", visits=9, repeat=Repeat("key1", "other", "f", 7))
    erase_or_not = decide(service, "berta", visits=9, repeat=Repeat("key1", "other", "f", 7))
    assert first == erase_or_not


def test_a_person_under_several_rulesets_goes_from_all(service, database):
    """Erasing is about a person, whatever judged them."""
    publish_ruleset(service, json.dumps(changed(key="other")), "first", COMMAND_LINE)
    live(service)
    evaluate_profile(service, "other", request(asking(WHO, visits=3)))
    assert erase(service).rulesets == ["other", KEY]
    assert WHO not in everything(database)


def test_a_long_life_is_erased_in_parts(service, database):
    """However many records there are, all are unreadable at once, and the rest of the work is resumed after a crash by
    whoever comes next; somebody who comes again meanwhile loses nothing.
    """
    for _ in range(2):
        items = {"items": [asking(WHO, visits=9 * (number % 2)) for number in range(700)]}
        evaluate_batch(service, KEY, request(items), str)
    erased = service.store.write(lambda unit: begin_erasure(service, unit, WHO, "test", COMMAND_LINE))
    assert erased.evaluations == 1400
    left = rows(database, f"SELECT id FROM evaluations WHERE profile_id = '{WHO}'")  # noqa: S608
    assert 0 < len(left) < 1400
    for (one,) in left[:3]:
        with pytest.raises(Conflict, match="was erased"):
            read_evaluation(service, one)
    new = decide(service, visits=5)["evaluation_id"]
    another = wire(Config(database_url=service_url(database)))
    finish_erasures(another)
    another.store.close()
    assert rows(database, f"SELECT id FROM evaluations WHERE profile_id = '{WHO}'") == [(new,)]  # noqa: S608
    assert rows(database, f"SELECT count(*) FROM evaluations WHERE profile_id = '{erased.pseudonym}'") == [(1400,)]  # noqa: S608
    assert json.loads(read_evaluation(service, new))["facts"]["visits"] == 5
    assert rows(database, "SELECT count(*) FROM erasures") == [(0,)]


def service_url(place) -> str:
    """The URL of the test's database."""
    return f"sqlite:///{place}" if isinstance(place, Path) else place


def test_erasing_meets_requests(database_url):
    """While requests for a profile run, each is decided before or after an erasure: every record follows on the one
    before it, begins anew after an erasure, and nothing is half there.
    """
    service = wire(Config(database_url=database_url))
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    decide(service, visits=1)

    def post(number):
        return decide(service, visits=number % 5)["evaluation_id"]

    def wipe(_):
        try:
            return erase(service).pseudonym
        except NotFound:
            return None

    with ThreadPoolExecutor(8) as threads:
        posted = [threads.submit(post, number) for number in range(60)]
        wiped = [threads.submit(wipe, number) for number in range(6)]
        names = {one.result(60) for one in wiped} - {None}
        replied = {one.result(60) for one in posted}
    found = evaluations(database_url)
    assert replied <= {row.id for row in found}
    mine = [row for row in found if row.profile_id == WHO]
    assert {row.profile_id for row in found} <= names | {WHO}
    assert all(row.record == "" and row.erased_by for row in found if row.profile_id != WHO)
    before = None
    for row in mine:
        record = json.loads(row.record)
        assert (record["previous"] or {}).get("evaluation_id") == before
        before = row.id
    if mine:
        assert read_profile(service, WHO, KEY)["revision"] == len(mine)
    service.store.close()


@pytest.mark.parametrize("body", [{}, {"ground": ""}, {"ground": 1}, [], None, {"ground": "x", "why": "y"}])
def test_a_ground_is_asked_for(service, body):
    """Nobody is erased without a reason on record."""
    live(service)
    with pytest.raises(InvalidRequest):
        erase_profile(service, WHO, body, COMMAND_LINE)
    assert read_profile(service, WHO, KEY)


def test_a_pseudonym_is_nobodys_id(service):
    """No caller can pass for somebody who was erased."""
    with pytest.raises(InvalidRequest):
        decide(service, "erased:01ABC", visits=1)


def test_who_is_held_is_not_erased(service, database):
    """Under a legal hold an erasure is refused, and says who holds; after its end it is done. Both are on record."""
    live(service)
    made = create_key(service, {"name": "legal", "roles": ["admin"]}, COMMAND_LINE)
    counsel = CALLER.__class__(made["id"], frozenset({"admin"}), "request-2")
    place_hold(service, WHO, {"reason": "case 12"}, counsel)
    assert read_hold(service, WHO)["reason"] == "case 12"
    with pytest.raises(Conflict, match=f"`{made['id']}` holds this profile since 2026-01-01T00:00:00Z: case 12"):
        erase(service)
    with pytest.raises(Conflict, match="holds this profile"):
        place_hold(service, WHO, {"reason": "case 13"}, counsel)
    assert [one["profile_id"] for one in list_holds(service, "", 10)[0]] == [WHO]
    assert len(evaluations_of(service)) == 3
    end_hold(service, WHO, counsel)
    erased = erase(service)
    assert erased.events == 3
    held = rows(database, "SELECT action, subject FROM audit_events WHERE action LIKE 'profile.%' ORDER BY seq")
    assert [action for action, _ in held] == ["profile.held", "profile.released", "profile.erased"]
    assert {subject for _, subject in held} == {erased.pseudonym}


def test_only_who_is_known_can_be_held(service):
    """A slip of the pen is told, when a hold is placed and when it is ended."""
    for attempt in (
        lambda: place_hold(service, "nobody", {"reason": "r"}, COMMAND_LINE),
        lambda: end_hold(service, "nobody", COMMAND_LINE),
        lambda: read_hold(service, "nobody"),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(InvalidRequest):
        place_hold(service, WHO, {"reason": ""}, COMMAND_LINE)
    assert list_holds(service, "", 10) == ([], None)
