"""Anyone with a key can check the log over HTTP: checkpoint, growth, every entry; and holds the service to its word."""

from base64 import b64decode

import pytest

from service.audit import verifier
from service.audit.merkle import check_consistency, check_inclusion, leaf_hash, tree_hash
from service.audit.note import read_verifier
from service.audit.proof import check_proof, read_proof
from service.audit.receipt import open_receipt
from service.config import default_keys
from service.operations.auditing.seal import seal
from tests.databases import url_of
from tests.operations.auditing.logs import note, rows_changed, seal_all
from tests.small import KEY, asking


@pytest.fixture
def client(http, key_for):
    """Calls the API with a key that may evaluate and audit."""
    headers = key_for("evaluator", "auditor")

    def call(path, expected=200, **more):
        if "json" in more:
            reply = http.post(path, headers=headers, **more)
        else:
            reply = http.get(path, headers=headers | more.get("headers", {}), query_string=more.get("query"))
        assert reply.status_code == expected, reply.get_data(as_text=True)
        return reply

    return call


def keys_of(client):
    """The log's public keys."""
    return [read_verifier(key) for key in client("/v1/audit/key").get_json()["keys"]]


def opened(client):
    """The newest checkpoint, opened by the arithmetic of the verifier that stands alone."""
    keys = [verifier.read_key(key) for key in client("/v1/audit/key").get_json()["keys"]]
    return verifier.open_checkpoint(client("/v1/audit/checkpoint").get_data(as_text=True), keys)


def evaluated(client, profile="u", **more):
    """Decide a profile; the reply."""
    return client(f"/v1/rulesets/{KEY}/evaluate", json=asking(profile, visits=3) | more).get_json()


def test_an_entry_is_proven(client, service):
    """The proof of an evaluation leads from its envelope to the signed root, as JSON and as a file."""
    found = [evaluated(client, f"u{number}")["evaluation_id"] for number in range(300)]
    seal_all(service)
    checkpoint = opened(client)
    for entry in found[::60]:
        told = client("/v1/audit/proof", query={"evaluation": entry}).get_json()
        leaf = leaf_hash(told["envelope"].encode())
        hashes = [b64decode(one) for one in told["hashes"]]
        check_inclusion(leaf, told["position"], checkpoint.size, hashes, checkpoint.root)
        assert (told["entry"], b64decode(told["leaf"])) == (entry, leaf)
        assert f'"id":"{entry}"' in told["envelope"]
        file = client("/v1/audit/proof", query={"evaluation": entry}, headers={"Accept": "text/plain"}).get_data()
        assert check_proof(read_proof(file), leaf, keys_of(client)).root == checkpoint.root
        assert told["file"].encode() == file


def test_an_audit_event_is_proven_like_an_evaluation(client, service):
    """What people changed is in the same log."""
    entry = note(service)
    seal_all(service)
    told = client("/v1/audit/proof", query={"evaluation": entry}).get_json()
    assert '"action":"test.noted"' in told["envelope"]


def test_a_proof_under_an_earlier_checkpoint(client, service):
    """A proof can be had under any checkpoint that has the entry, and under no other."""
    first = evaluated(client)["evaluation_id"]
    size = seal(service).checkpoint.size
    second = evaluated(client)["evaluation_id"]
    seal_all(service)
    told = client("/v1/audit/proof", query={"evaluation": first, "checkpoint": size}).get_json()
    assert f"\n{size}\n" in told["checkpoint"]
    late = client("/v1/audit/proof", 409, query={"evaluation": second, "checkpoint": size}).get_json()
    assert late["code"] == "not-sealed"
    none = client("/v1/audit/proof", 404, query={"evaluation": first, "checkpoint": 1}).get_json()
    assert none["detail"] == f"no checkpoint has 1 entries; the next larger one has {size}"
    client("/v1/audit/proof", 404, query={"evaluation": first, "checkpoint": 10_000})


def test_what_has_no_proof_yet(client, service):
    """An entry that waits says so; one that does not exist is not found; without an id nothing can be looked for."""
    entry = evaluated(client)["evaluation_id"]
    client("/v1/audit/checkpoint", 404)
    client("/v1/audit/proof", 404, query={"evaluation": entry})
    seal_all(service)
    entry = evaluated(client)["evaluation_id"]
    assert client("/v1/audit/proof", 409, query={"evaluation": entry}).get_json()["code"] == "not-sealed"
    client("/v1/audit/proof", 404, query={"evaluation": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
    client("/v1/audit/proof", 404, query={"evaluation": "nobody"})
    assert client("/v1/audit/proof", 422).get_json()["errors"][0]["pointer"] == "/evaluation"


def test_the_log_only_grows(client, service):
    """From any checkpoint to any later one there is a proof; backwards there is none."""
    for _ in range(4):
        evaluated(client)
        seal_all(service)
    sizes = [row.size for row in service.store.read(lambda reads: reads.sealing.checkpoints(0, 100))]
    for old in sizes:
        told = client("/v1/audit/consistency", query={"from": old}).get_json()
        notes = [note.split("\n") for note in told["checkpoints"]]
        roots = [b64decode(lines[2]) for lines in notes]
        check_consistency(old, roots[0], told["to"], roots[1], [b64decode(one) for one in told["hashes"]])
        assert told["to"] == sizes[-1]
    assert client("/v1/audit/consistency").get_json()["from"] == 0
    client("/v1/audit/consistency", 404, query={"from": sizes[-1] + 1})
    client("/v1/audit/consistency", 422, query={"from": sizes[2], "to": sizes[1]})


def test_tiles_and_entries_are_served_as_others_expect(client, service):
    """From tiles alone the signed root follows, and from entries the tiles."""
    for number in range(270):
        evaluated(client, f"u{number}")
    seal_all(service)
    checkpoint = opened(client)
    rest = checkpoint.size - 256
    full, partial = client("/v1/audit/tile/0/000"), client(f"/v1/audit/tile/0/001.p/{rest}")
    hashes = full.get_data() + partial.get_data()
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert tree_hash(leaves) == checkpoint.root
    assert client("/v1/audit/tile/1/000.p/1").get_data() == tree_hash(leaves[:256])
    bundles = (
        client("/v1/audit/tile/entries/000").get_data() + client(f"/v1/audit/tile/entries/001.p/{rest}").get_data()
    )
    entries = []
    while bundles:
        length = int.from_bytes(bundles[:2], "big")
        entries.append(bundles[2 : 2 + length])
        bundles = bundles[2 + length :]
    assert [leaf_hash(entry) for entry in entries] == leaves
    assert full.headers["Cache-Control"].endswith("immutable")
    for path in ("0/002", f"0/001.p/{rest + 1}", "0/0", "entries/002", "entries/entries/000", "2/000.p/1"):
        client(f"/v1/audit/tile/{path}", 404)


def test_a_log_that_contradicts_itself_proves_nothing(client, service, database):
    """Where tiles are damaged, no proof is given, and the reply says why."""
    entry = evaluated(client)["evaluation_id"]
    seal_all(service)
    rows_changed(url_of(database), """UPDATE "tiles" SET "data" = substr("data", 1, 31)""")
    reply = client("/v1/audit/proof", 500, query={"evaluation": entry}).get_json()
    assert reply["code"] == "log-broken"


def test_a_caller_can_have_a_receipt(client, service):
    """On request the reply carries a signed promise; it can be had again, and it is kept."""
    reply = evaluated(client, receipt=True)
    receipt = open_receipt(reply["receipt"].encode(), keys_of(client))
    assert (receipt.kind, receipt.id) == ("evaluation", reply["evaluation_id"])
    again = client("/v1/audit/receipt", query={"evaluation": reply["evaluation_id"]}).get_data(as_text=True)
    assert again == reply["receipt"]
    seal_all(service)
    told = client("/v1/audit/proof", query={"evaluation": receipt.id}).get_json()
    assert b64decode(told["leaf"]) == receipt.leaf
    assert "receipt" not in evaluated(client)
    client("/v1/audit/receipt", 404, query={"evaluation": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})


def test_a_dry_run_has_no_receipt(client):
    """What is not recorded can't be promised."""
    body = asking("u", visits=3) | {"dry_run": True, "receipt": True}
    reply = client(f"/v1/rulesets/{KEY}/evaluate", 422, json=body).get_json()
    assert reply["errors"][0]["pointer"] == "/receipt"


def test_without_a_key_there_is_no_receipt_but_a_reply(client, database):
    """What was recorded is answered, also where nothing can be signed."""
    evaluated(client, receipt=True)
    log = client("/v1/audit/key").get_json()["origin"].replace("/", "_")
    file = default_keys(url_of(database)) / f"{log}.signing.key"
    moved = file.with_suffix(".away")
    file.rename(moved)
    assert evaluated(client, receipt=True)["receipt"] is None
    moved.rename(file)


def test_a_record_that_was_dropped_is_found_out(client, service, database):
    """A7: who holds a receipt, and is shown a log without the entry, has the service's own word against it."""
    receipt = open_receipt(evaluated(client, receipt=True)["receipt"].encode(), keys_of(client))
    honest = open_receipt(evaluated(client, receipt=True)["receipt"].encode(), keys_of(client))
    rows_changed(url_of(database), f"""DELETE FROM "unsealed" WHERE "id" = '{receipt.id}'""")  # noqa: S608  # an id of our own
    seal_all(service)
    checkpoint = opened(client)
    data = client(f"/v1/audit/tile/0/000.p/{checkpoint.size}").get_data()
    leaves = [data[at : at + 32] for at in range(0, len(data), 32)]
    assert tree_hash(leaves) == checkpoint.root
    assert receipt.leaf not in leaves
    assert honest.leaf in leaves
