"""The verifier that stands alone: its own arithmetic agrees with ours, and it says what it found and what it did not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audit import ed25519, verifier
from service.audit.evidence import entry_line
from service.audit.merkle import Unproven, check_consistency, check_inclusion, leaf_hash, tree_hash
from service.audit.note import read_verifier
from service.audit.receipt import Receipt, sign_receipt
from service.audit.verifier import P, Pack, Unreadable, is_signed, main, read_key, read_point, verify
from tests.audit.liar.forgeries import a_record_changed, the_tail_omitted
from tests.audit.liar.honest import (
    KEY,
    SIGNER,
    SIZE,
    honest_entries,
    lines,
    log_tree,
    range_pack,
    selection_pack,
    signed,
)
from tests.audit.liar.more_forgeries import forked
from tests.audit.trees import LEAVES, tree_of

FILE = Path(verifier.__file__)
VECTORS = (  # RFC 8032, section 7.1: seed, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


@pytest.mark.parametrize(("seed", "message", "signature"), VECTORS)
def test_published_signatures(seed, message, signature):
    """Signatures of the standard are made as published, and found good by the library and by plain arithmetic."""
    public = ed25519.public_key(bytes.fromhex(seed))
    assert ed25519.sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature
    for check in (ed25519.is_signed, is_signed):
        assert check(public, bytes.fromhex(message), bytes.fromhex(signature))
        assert not check(public, b"another", bytes.fromhex(signature))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50), st.integers(0, 511))
def test_two_ways_to_check_a_signature_agree(seed, message, bit):
    """Whatever bit of a signature is turned, plain arithmetic and the library say the same of it."""
    public, signature = ed25519.public_key(seed), bytearray(ed25519.sign(seed, message))
    assert is_signed(public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert is_signed(public, message, bytes(signature)) == ed25519.is_signed(public, message, bytes(signature))


def test_what_is_no_signature():
    """A signature of another length, or one above the group's order, or a key that is no point, is refused."""
    public, signature = ed25519.public_key(bytes(32)), ed25519.sign(bytes(32), b"")
    assert not is_signed(public, b"", signature + b"\0")
    assert not is_signed(public, b"", signature[:32] + b"\xff" * 32)
    assert not is_signed((P + 1).to_bytes(32, "little"), b"", signature)
    assert read_point((1 | 1 << 255).to_bytes(32, "little")) is None
    assert any(read_point(number.to_bytes(32, "little")) is None for number in range(2, 9))


@given(st.data())
def test_two_ways_to_check_a_proof_agree(data):
    """The algorithm of RFC 9162 and ours say the same of any proof, right or wrong."""
    size = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, size))
    position = data.draw(st.integers(0, size))
    tree = tree_of(LEAVES[:size])
    inclusion = change(data, tree.inclusion(min(position, size - 1)))
    consistency = change(data, tree.consistency(old))
    leaf, roots = LEAVES[position], (tree_hash(LEAVES[:old]), tree.root())
    assert verifier.is_included(leaf, position, size, inclusion, roots[1]) == holds(
        check_inclusion, leaf, position, size, inclusion, roots[1]
    )
    if old < size:
        trees = verifier.Checkpoint(old, roots[0]), verifier.Checkpoint(size, roots[1])
        assert verifier.is_continued(*trees, consistency) == holds(
            check_consistency, old, roots[0], size, roots[1], consistency
        )


def test_every_proof_of_small_trees_is_continued():
    """Each earlier size of each small tree is shown by the proof that is made for it, and by no other root."""
    for new in range(2, 20):
        for old in range(1, new):
            before = verifier.Checkpoint(old, tree_hash(LEAVES[:old]))
            proof = tree_of(LEAVES[:new]).consistency(old)
            assert verifier.is_continued(before, verifier.Checkpoint(new, tree_hash(LEAVES[:new])), proof)
            assert not verifier.is_continued(before, verifier.Checkpoint(new, LEAVES[0]), proof)


def change(data, proof):
    """A proof, perhaps with a hash more, less or other."""
    at = data.draw(st.integers(0, len(proof)))
    return data.draw(
        st.sampled_from(
            [proof, proof[:at], [*proof[:at], LEAVES[0], *proof[at:]], [*proof[:at], LEAVES[1], *proof[at + 1 :]]]
        )
    )


def holds(check, *what):
    """Whether a check does not object."""
    try:
        check(*what)
    except Unproven:
        return False
    return True


def test_an_empty_tree_grows(tmp_path):
    """A log that was empty at its first checkpoint is continued by any other."""
    pack = range_pack(first=0)
    pack.checkpoints.insert(0, {"note": signed([])})
    assert not verify(Pack(pack.write(tmp_path / "pack")), [read_key(KEY)]).findings


def test_it_runs_by_itself(tmp_path):
    """The file is a program of its own: no package of ours, and none of others, is needed or loaded."""
    program = tmp_path / "verifier.py"
    program.write_bytes(FILE.read_bytes())
    pack = range_pack().write(tmp_path / "pack.zip")
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, pack, "--key", KEY], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nholds\n")


def test_it_imports_only_the_standard_library():
    """What the verifier stands on comes with Python."""
    imported = {
        line.split()[1].partition(".")[0]
        for line in FILE.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported <= sys.stdlib_module_names


def test_it_says_what_it_found(tmp_path, capsys):
    """A finding has a place, a code and a sentence, in English or Chinese, and ends in exit code 1."""
    pack = str(a_record_changed().write(tmp_path / "pack"))
    assert main([pack, "--key", KEY]) == 1
    assert "entries.ndjson:2: content: the content is not the one that was sealed\n" in capsys.readouterr().out
    assert main([pack, "--key", KEY, "--language", "zh"]) == 1
    assert "entries.ndjson:2: content: 内容不是封存时的内容\n" in capsys.readouterr().out
    assert main([pack, "--key", KEY, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["findings"]) == (False, [["content", "entries.ndjson:2", []]])


def test_it_says_what_it_did_not_check(tmp_path, capsys):
    """Erased and left out contents, files that prove nothing, and a selection's completeness are named."""
    pack = selection_pack()
    pack.entries[1] |= {"record": None, "salt": None}
    pack.others["report.csv"] = b"a,b\n"
    pack.versions.clear()
    assert main([str(pack.write(tmp_path / "pack")), "--key", KEY]) == 1
    told = capsys.readouterr().out
    for sentence in (
        "not checked: 1 entries whose content was erased",
        "not checked: 1 entries whose content the pack leaves out",
        "not checked: whether the selection is complete",
        "not checked: the rulesets: the pack has none",
        "not checked: what these files say beyond their hash: report.csv",
        "not checked: whether the rules decide the same again",
    ):
        assert sentence in told


def test_who_answers_for_the_rulesets_is_checked(tmp_path):
    """Entries on who answers for the rulesets stand beside any scope, each with its proof; a forged one is found."""
    entries = honest_entries()
    line = json.loads(entry_line(entries[4], log_tree(entries).inclusion(4)))
    for number, (changes, codes) in enumerate(
        (({}, []), ({"record": "{}"}, ["content"]), ({"position": 5}, ["not-included"]))
    ):
        for pack in (range_pack(), selection_pack()):
            pack.others["authority.ndjson"] = lines([line | changes])
            report = verify(Pack(pack.write(tmp_path / f"{number}{pack.scope['kind']}")), [read_key(KEY)])
            assert [code for code, *_ in report.findings] == codes
            assert report.counts["authority"] == 1


def test_a_held_checkpoint_is_compared(tmp_path, capsys):
    """Checkpoints that were given out earlier stand against the pack, also between its own; what is none is named."""
    held = tmp_path / "held"
    pack = str(range_pack().write(tmp_path / "pack"))
    for note, code in (
        (signed(honest_entries()[:17]), 0),
        (signed(honest_entries()), 0),
        (signed(honest_entries()[:3]), 1),
        (signed(forked(8)), 1),
        ("nothing\n", 1),
    ):
        held.write_text(note)
        assert main([pack, "--key", KEY, "--checkpoint", str(held)]) == code
    assert "--checkpoint 1: malformed" in capsys.readouterr().out


def test_a_receipt_is_redeemed(tmp_path, capsys):
    """A7: a pack that lacks an entry of which its caller holds a receipt is convicted by the log's own word."""
    file = tmp_path / "receipt"
    pack = str(range_pack().write(tmp_path / "pack"))
    for leaf, name, code in (
        (leaf_hash(honest_entries()[8].envelope), SIGNER.name, 0),
        (leaf_hash(b"dropped"), SIGNER.name, 1),
        (leaf_hash(honest_entries()[8].envelope), "log.example/elsewhere", 1),
    ):
        file.write_text(sign_receipt(Receipt(name, "evaluation", "01K", leaf, "2026-11-22T05:02:00.000Z"), [SIGNER]))
        assert main([pack, "--key", KEY, "--receipt", str(file)]) == code
    told = capsys.readouterr().out
    assert "entries.ndjson: omitted: the pack lacks the entry evaluation 01K, of which you hold a receipt" in told
    assert "--receipt 1: malformed" in told


def test_nothing_to_check(tmp_path, capsys):
    """Where there is no pack, or no key, it says so and ends in exit code 2."""
    empty, no_entries, listed = tmp_path / "empty", range_pack().write(tmp_path / "one"), tmp_path / "two"
    empty.mkdir()
    (no_entries / "entries.ndjson").unlink()
    range_pack().write(listed)
    manifest = json.loads((listed / "manifest.json").read_text())
    for changes in ({"format": 2}, {"scope": {"kind": "all"}}, {"files": {}}, {"scope": 1}):
        (listed / "manifest.json").write_text(json.dumps(manifest | changes))
        assert main([str(listed), "--key", KEY]) == 2
    (listed / "manifest.json").write_text("[")
    (tmp_path / "file").write_text("no zip")
    for path in (empty, no_entries, listed, tmp_path / "file", tmp_path / "absent"):
        assert main([str(path), "--key", KEY]) == 2
    for key in ("", "name+0+AAAA", KEY.replace("+", "+0", 1)):
        assert main([str(range_pack().write(tmp_path / f"pack{len(key)}")), "--key", key]) == 2
    assert "expected a key such as" in capsys.readouterr().err


def test_keys_are_read_alike():
    """A key that our side hands out is the key that the verifier takes."""
    key = read_verifier(KEY)
    assert read_key(KEY) == (key.name, key.id, key.public)


def test_without_checkpoints_nothing_is_shown(tmp_path):
    """Where no checkpoint is good, no entry can be, and what is wrong with them is said."""
    pack = range_pack()
    for line in pack.checkpoints:
        line["note"] = "nothing"
    report = verify(Pack(pack.write(tmp_path / "pack")), [read_key(KEY)])
    assert {code for code, _, _ in report.findings} == {"malformed"}
    assert "entries" not in report.counts


def test_findings_are_counted_to_a_limit(tmp_path):
    """A pack of nothing but rubbish does not fill the memory with findings."""
    pack = range_pack()
    pack.entries = [b"[]\n"] * (2 * verifier.MOST_FINDINGS)
    report = verify(Pack(pack.write(tmp_path / "pack")), [read_key(KEY)])
    assert len(report.findings) == verifier.MOST_FINDINGS


def test_more_than_one_lie(tmp_path):
    """One finding does not hide another."""
    pack = the_tail_omitted()
    pack.entries[1]["salt"] = ""
    pack.versions[0]["digest"] = "sha256:"
    codes = {code for code, _, _ in verify(Pack(pack.write(tmp_path / "pack")), [read_key(KEY)]).findings}
    assert codes == {"content", "cut-off", "ruleset-changed", "ruleset-missing"}


def test_a_pack_of_the_whole_log_may_be_without_rulesets(tmp_path):
    """Rulesets are left out by whoever does not want them; then they are not said to be checked."""
    files = range_pack().files()
    del files["versions.ndjson"]
    manifest = json.loads(files["manifest.json"])
    del manifest["files"]["versions.ndjson"]
    for name, data in (files | {"manifest.json": json.dumps(manifest).encode()}).items():
        (tmp_path / name).write_bytes(data)
    report = verify(Pack(tmp_path), [read_key(KEY)])
    assert not report.findings
    assert ("rulesets", ()) in report.unchecked
    assert report.counts["entries"] == SIZE - 6


def test_a_pack_that_is_no_folder_and_no_archive(tmp_path):
    """What can't be opened is said to be no pack."""
    with pytest.raises(Unreadable, match="expected a folder or"):
        Pack(tmp_path / "absent")
