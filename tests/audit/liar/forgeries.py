"""Forgeries: each takes an honest pack, lies in one way, and mends whatever the liar can mend (every hash in the
manifest is made anew). `FORGERIES` has them by name, with the code by which each must be found.
"""

from service.audit.checkpoint import Checkpoint, sign_checkpoint
from service.audit.note import read_base64, write_base64
from service.language.canonical import canonical_bytes, digest
from tests.audit.liar.honest import (
    SIGNER,
    STRANGER,
    Contents,
    content_of,
    envelope_of,
    honest_entries,
    range_pack,
    salt_of,
    signed,
)
from tests.audit.liar.kit import forgery


def numbered(pack: Contents) -> Contents:
    """The same, with positions that leave no gap."""
    for offset, line in enumerate(pack.entries):
        line["position"] = pack.scope["first"] + offset
    return pack


@forgery("altered")
def an_envelope_with_one_byte_flipped() -> Contents:
    """Somebody else did it."""
    pack = range_pack()
    pack.entries[3]["envelope"] = pack.entries[3]["envelope"].replace("key:1", "key:0")
    return pack


@forgery("altered")
def two_entries_swapped() -> Contents:
    """The order of two decisions is turned round."""
    pack = range_pack()
    pack.entries[2], pack.entries[5] = pack.entries[5], pack.entries[2]
    return numbered(pack)


@forgery("coverage")
def an_entry_deleted() -> Contents:
    """A decision is left out."""
    pack = range_pack()
    del pack.entries[4]
    return pack


@forgery("altered")
def an_entry_deleted_and_the_rest_renumbered() -> Contents:
    """A decision is left out, and the gap closed."""
    pack = range_pack()
    del pack.entries[4]
    return numbered(pack)


@forgery("altered")
def an_entry_inserted() -> Contents:
    """A decision that was never made is added."""
    pack = range_pack()
    pack.entries.insert(4, dict(pack.entries[3]))
    return numbered(pack)


@forgery("coverage")
def a_position_twice() -> Contents:
    """One position has two entries."""
    pack = range_pack()
    pack.entries.insert(4, dict(pack.entries[3]))
    return pack


@forgery("coverage")
def positions_shifted_by_one() -> Contents:
    """Every entry stands one later."""
    pack = range_pack()
    for line in pack.entries:
        line["position"] += 1
    return pack


@forgery("cut-off")
def the_tail_omitted() -> Contents:
    """The last three decisions are left out."""
    pack = range_pack()
    del pack.entries[-3:]
    return pack


@forgery("held-unmatched")
def the_tail_omitted_with_its_checkpoint() -> Contents:
    """The pack ends at an earlier checkpoint than one that was given out."""
    pack = range_pack()
    pack.held = [signed(honest_entries())]
    del pack.entries[-5:], pack.checkpoints[-1]
    return pack


@forgery("fork")
def another_tree_before_the_range() -> Contents:
    """The peaks, and so all that came before, are another's."""
    pack = range_pack()
    pack.scope["peaks"][0] = write_base64(bytes(32))
    return pack


@forgery("malformed")
def a_peak_too_many() -> Contents:
    """The tree before the range has more parts than its size allows."""
    pack = range_pack()
    pack.scope["peaks"].append(write_base64(bytes(32)))
    return pack


@forgery("false-signature")
def a_checkpoint_with_another_root() -> Contents:
    """The root is changed, the signature can't be."""
    pack = range_pack()
    note = pack.checkpoints[-1]["note"]
    root = note.split("\n")[2]
    pack.checkpoints[-1]["note"] = note.replace(root, write_base64(bytes(32)))
    return pack


@forgery("false-signature")
def a_checkpoint_with_another_size() -> Contents:
    """The size is changed, the signature can't be."""
    pack = range_pack()
    pack.checkpoints[-1]["note"] = pack.checkpoints[-1]["note"].replace("\n25\n", "\n26\n")
    return pack


@forgery("false-signature")
def a_signature_out_of_range() -> Contents:
    """The signature is made another one that a careless checker takes for good: its second half plus the order."""
    pack = range_pack()
    text, line = pack.checkpoints[-1]["note"].split("\n\n")
    name, value = line.rstrip("\n").rsplit(" ", 1)
    raw = read_base64(value)
    order = 2**252 + 27742317777372353535851937790883648493
    second = int.from_bytes(raw[36:], "little") + order
    value = write_base64(raw[:36] + second.to_bytes(32, "little"))
    pack.checkpoints[-1]["note"] = f"{text}\n\n{name} {value}\n"
    return pack


@forgery("unknown-signer")
def a_checkpoint_of_an_unknown_signer() -> Contents:
    """Another key signs in the log's name."""
    pack = range_pack()
    pack.checkpoints[-1]["note"] = signed(honest_entries(), STRANGER)
    return pack


@forgery("unknown-signer")
def a_stranger_under_the_logs_name() -> Contents:
    """Another key signs, and calls itself as the log's does."""
    pack = range_pack()
    pack.checkpoints[-1]["note"] = signed(honest_entries(), STRANGER._replace(name=SIGNER.name))
    return pack


@forgery("malformed")
def a_truncated_note() -> Contents:
    """The end of a checkpoint is missing."""
    pack = range_pack()
    pack.checkpoints[1]["note"] = pack.checkpoints[1]["note"][:-20]
    return pack


@forgery("malformed")
def seventeen_signatures() -> Contents:
    """A checkpoint has more signatures than anybody must read."""
    pack = range_pack()
    pack.checkpoints[1]["note"] += "— a AAAAAAA=\n" * 16
    return pack


@forgery("malformed")
def a_signature_line_that_is_none() -> Contents:
    """Something else stands where signatures do."""
    pack = range_pack()
    pack.checkpoints[1]["note"] += "signed, the log\n"
    return pack


@forgery("malformed")
def a_signature_in_other_letters() -> Contents:
    """A signature is written in a way that readers differ about."""
    pack = range_pack()
    pack.checkpoints[1]["note"] = pack.checkpoints[1]["note"].removesuffix("\n") + "=\n"
    return pack


@forgery("malformed")
def a_signature_with_loose_ends() -> Contents:
    """A stranger's signature is written with bits that mean nothing."""
    pack = range_pack()
    pack.checkpoints[1]["note"] += "— a AAAAAAB=\n"
    return pack


@forgery("malformed")
def an_empty_tree_with_a_root() -> Contents:
    """Where there is nothing, something is signed."""
    pack = range_pack()
    pack.checkpoints.insert(0, {"note": sign_checkpoint(Checkpoint(SIGNER.name, 0, bytes(32)), [SIGNER])})
    return pack


@forgery("rollback")
def checkpoints_that_go_back() -> Contents:
    """The tree becomes smaller."""
    pack = range_pack()
    pack.checkpoints[1], pack.checkpoints[2] = pack.checkpoints[2], pack.checkpoints[1]
    return pack


@forgery("content")
def a_record_changed() -> Contents:
    """The content of a decision is another."""
    pack = range_pack()
    pack.entries[1]["record"] = pack.entries[1]["record"].replace('"age":27', '"age":72')
    return pack


@forgery("content")
def a_record_of_another_entry() -> Contents:
    """The content is that of another decision, with the salt that belongs to it."""
    pack = range_pack()
    pack.entries[1] |= {name: pack.entries[2][name] for name in ("record", "salt")}
    return pack


@forgery("altered")
def a_record_changed_with_its_envelope() -> Contents:
    """Content and envelope are changed together, so that they fit each other."""
    pack = range_pack()
    content, salt = content_of(7, facts={"age": 72}), salt_of(7)
    pack.entries[1] |= {"record": content, "envelope": envelope_of(7, salt, content).decode()}
    return pack


@forgery("content")
def a_salt_changed() -> Contents:
    """The salt is another."""
    pack = range_pack()
    pack.entries[1]["salt"] = bytes(32).hex()
    return pack


@forgery("malformed")
def a_salt_without_its_last_zero() -> Contents:
    """The salt is one for which an HMAC gives the same."""
    pack = range_pack()
    pack.entries[1]["salt"] = pack.entries[1]["salt"].removesuffix("00")
    return pack


@forgery("malformed")
def a_salt_that_is_none() -> Contents:
    """The salt is no number."""
    pack = range_pack()
    pack.entries[1]["salt"] = "salt"
    return pack


@forgery("line-differs")
def an_entry_under_another_id() -> Contents:
    """Somebody looking for the entry by its id would find another."""
    pack = range_pack()
    pack.entries[1]["id"] = pack.entries[2]["id"]
    return pack


@forgery("erased-content")
def content_that_is_said_to_be_erased() -> Contents:
    """What was to be erased is still there."""
    pack = range_pack()
    pack.entries[1]["erased_by"] = "01K9"
    return pack


@forgery("malformed")
def two_members_of_one_name() -> Contents:
    """A line says two things, and each reader picks one."""
    pack = range_pack()
    pack.entries[1] = canonical_bytes(pack.entries[1])[:-1] + b',"id":"01K"}\n'
    return pack


@forgery("malformed")
def a_line_that_is_no_json() -> Contents:
    """A line is damaged."""
    pack = range_pack()
    pack.entries[1] = b"\xff\n"
    return pack


@forgery("malformed")
def a_line_that_is_a_list() -> Contents:
    """A line is JSON, but no entry."""
    pack = range_pack()
    pack.entries[1] = b"[]\n"
    return pack


@forgery("malformed")
def a_position_that_is_no_number() -> Contents:
    """A position is `true`, which some readers take for 1."""
    pack = range_pack()
    pack.entries[1]["position"] = True
    return pack


@forgery("ruleset-changed")
def a_ruleset_edited() -> Contents:
    """The rules are shown other than they were."""
    pack = range_pack()
    pack.versions[0]["document"] = pack.versions[0]["document"].replace("small", "large")
    return pack


@forgery("ruleset-missing")
def a_ruleset_edited_with_its_digest() -> Contents:
    """The rules are shown other than they were, and the digest fits them."""
    pack = range_pack()
    document = pack.versions[0]["document"].replace("small", "large")
    pack.versions[0] = {"document": document, "digest": digest(document.encode())}
    return pack
