"""More forgeries: of files, of selections, and those of a liar who has the log's own key and the database."""

from service.audit.checkpoint import Checkpoint, checkpoint_text, sign_checkpoint
from service.audit.note import sign_note, write_base64
from service.language.canonical import digest
from tests.audit.liar.honest import (
    SIGNER,
    SIZE,
    Contents,
    entry_of,
    honest_entries,
    log_tree,
    range_pack,
    selection_pack,
    signed,
)
from tests.audit.liar.kit import forgery


@forgery("file-changed")
def a_file_other_than_listed() -> Contents:
    """A file was changed after the manifest was made."""
    pack = range_pack()
    pack.others["report.csv"] = b"a,b\n"
    pack.says_files["report.csv"] = digest(b"").removeprefix("sha256:")
    return pack


@forgery("file-missing")
def a_file_missing() -> Contents:
    """A listed file is not there."""
    pack = range_pack()
    pack.says_files["report.csv"] = digest(b"").removeprefix("sha256:")
    return pack


@forgery("not-included")
def an_entry_proven_at_another_position() -> Contents:
    """A proof is used for a position that is not its own."""
    pack = selection_pack()
    pack.entries[1]["position"] += 1
    return pack


@forgery("not-included")
def a_proof_of_another_entry() -> Contents:
    """An entry that is not in the log borrows a proof."""
    pack = selection_pack()
    pack.entries[1]["proof"] = pack.entries[2]["proof"]
    return pack


@forgery("not-included")
def a_position_behind_the_tree() -> Contents:
    """An entry claims a position that the tree does not have."""
    pack = selection_pack()
    pack.entries[-1]["position"] = SIZE
    return pack


@forgery("not-included")
def a_proof_too_long() -> Contents:
    """A proof goes on above the root."""
    pack = selection_pack()
    pack.entries[-1]["proof"] += [write_base64(bytes(32))] * 9
    return pack


@forgery("coverage")
def a_selected_entry_twice() -> Contents:
    """A decision is shown twice, as if it were two."""
    pack = selection_pack()
    pack.entries.insert(2, pack.entries[1])
    return pack


@forgery("malformed")
def a_proof_missing() -> Contents:
    """An entry of a selection has no proof."""
    pack = selection_pack()
    del pack.entries[1]["proof"]
    return pack


@forgery("fork")
def checkpoints_without_a_proof_between_them() -> Contents:
    """Nothing shows that the later tree continues the earlier one."""
    pack = selection_pack()
    del pack.checkpoints[1]["consistency"]
    return pack


@forgery("fork")
def a_consistency_proof_too_long() -> Contents:
    """A proof of growth goes on above the root."""
    pack = selection_pack()
    pack.checkpoints[1]["consistency"] += [write_base64(bytes(32))] * 9
    return pack


# --- With the log's own key ---


@forgery("wrong-origin")
def a_checkpoint_of_another_origin() -> Contents:
    """The key signs for a log that is not its own."""
    pack = range_pack()
    entries = honest_entries()
    checkpoint = Checkpoint("log.example/elsewhere", SIZE, log_tree(entries).root())
    pack.checkpoints[-1]["note"] = sign_checkpoint(checkpoint, [SIGNER])
    return pack


def extended(lines: str) -> Contents:
    """A pack whose last checkpoint has more lines, and is signed with them."""
    pack = range_pack()
    entries = honest_entries()
    text = checkpoint_text(Checkpoint(SIGNER.name, SIZE, log_tree(entries).root()))
    pack.checkpoints[-1]["note"] = sign_note(text + lines, [SIGNER])
    return pack


@forgery("malformed")
def extension_lines() -> Contents:
    """Something is signed that no monitor reads."""
    return extended("more\n")


@forgery("malformed")
def empty_extension_lines() -> Contents:
    """A line break too many is signed."""
    return extended("\n")


def forked(position: int) -> list:
    """The log with one decision made another, all later ones as they were."""
    entries = honest_entries()
    entries[position] = entry_of(position, facts={"age": 99})
    return entries


@forgery("split-view")
def a_forked_log_against_a_held_checkpoint() -> Contents:
    """History is made anew and signed anew; the auditor holds a checkpoint of before."""
    pack = range_pack(forked(8))
    pack.held = [signed(honest_entries()[:13])]
    return pack


@forgery("altered")
def a_forked_log_against_a_held_checkpoint_within_a_step() -> Contents:
    """The same, where the pack has no checkpoint of the size that the auditor holds."""
    pack = range_pack(forked(8))
    pack.held = [signed(honest_entries()[:17])]
    return pack


@forgery("split-view")
def one_size_with_two_roots() -> Contents:
    """Two trees of one size are signed."""
    pack = range_pack()
    pack.checkpoints.append({"note": signed(forked(8))})
    return pack


@forgery("fork")
def a_fork_between_two_checkpoints() -> Contents:
    """The later tree is another log's; the proof of growth is the true one."""
    pack = selection_pack()
    other = selection_pack(forked(8))
    pack.checkpoints[1], pack.entries = other.checkpoints[1], other.entries
    return pack


@forgery("record-differs")
def a_record_that_contradicts_its_envelope() -> Contents:
    """What is sealed outside and inside differs: for one reader this rule, for another that."""
    entries = honest_entries()
    entries[7] = entry_of(7, actor="key:2")
    pack = range_pack(entries)
    pack.held = []
    return pack
