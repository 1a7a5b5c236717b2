"""Check an evidence pack without the service that made it, and without trusting it.

    python verifier.py PACK --key VKEY [--key VKEY] [--checkpoint FILE] [--receipt FILE] [--language en|zh] [--json]

PACK is a folder or a .zip with `manifest.json`, `checkpoints.ndjson`, `entries.ndjson` and, where rulesets were
exported, `versions.ndjson` and `authority.ndjson`, the entries that say who answers for them. VKEY is the log's public
key, got by another way than the pack. FILE is a checkpoint that you were given earlier, or a receipt; the pack must
reach it and agree with it, and have the entry of the receipt.

Checked in this order: each file against the manifest; each checkpoint's signature; that every checkpoint continues the
one before; that each entry is in the tree; that a range has no gap; that each content belongs to its entry; that each
ruleset has the digest that decisions name. What was not checked is said at the end.

Exit codes: 0 all of it holds, 1 something does not, 2 there is nothing that can be checked.
This is one file, of the standard library only, so that it can be read in an hour and run anywhere with Python 3.11. It
is a second hand at the formats: nothing here is shared with the service. Formats: docs/log-format.md.
"""

import argparse
import base64
import binascii
import hmac
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

FORMAT = 1
CHECKED = ("checkpoints.ndjson", "entries.ndjson", "versions.ndjson", "authority.ndjson")
"""The files that are checked beyond their hash."""
LONGEST_LINE = 64 * 1024 * 1024
LONGEST_NOTE = 128 * 1024
MOST_SIGNATURES = 16
MOST_FINDINGS = 100
PHRASES = {
    "file-changed": ("the file is not the one that the manifest lists", "文件与清单所列不符"),
    "file-missing": ("the manifest lists a file that is not there", "清单所列的文件不存在"),
    "file-unlisted": ("the manifest does not list this file", "清单未列出此文件"),
    "malformed": ("not written as the format wants it: {}", "不符合格式：{}"),
    "unknown-signer": ("no signature of the log's key", "没有日志密钥的签名"),
    "false-signature": ("the signature is not the log's own", "签名不是日志密钥所签"),
    "wrong-origin": ("the checkpoint is of another log, `{}`", "检查点属于另一份日志 `{}`"),
    "rollback": ("the tree has {} leaves after it had {}", "树有 {} 个叶子，之前已有 {} 个"),
    "split-view": ("two roots for one size", "同一大小有两个根"),
    "fork": ("the tree does not continue the one of {} leaves", "树不是 {} 个叶子的树的延续"),
    "held-unmatched": (
        "the pack does not reach the checkpoint that you hold, of {} leaves",
        "证据包未达到您持有的检查点（{} 个叶子）",
    ),
    "omitted": ("the pack lacks the entry {}, of which you hold a receipt", "证据包缺少您持有回执的条目 {}"),
    "altered": ("the entries from {} to {} are not those of the signed tree", "第 {} 至 {} 条与已签名的树不符"),
    "not-included": ("the entry is not at this position of the signed tree", "该条目不在已签名的树的这个位置"),
    "coverage": ("expected position {}, found {}", "应为位置 {}，实际为 {}"),
    "cut-off": ("the entries end before position {}, the signed tree at {}", "条目止于位置 {} 之前，已签名的树止于 {}"),
    "line-differs": ("the line says another `{}` than the envelope", "该行的 `{}` 与信封不同"),
    "content": ("the content is not the one that was sealed", "内容不是封存时的内容"),
    "record-differs": ("the record says another `{}` than the envelope", "记录的 `{}` 与信封不同"),
    "erased-content": ("said to be erased, and yet there", "标明已删除，但内容仍在"),
    "ruleset-changed": ("the ruleset is not the one of this digest", "规则集与此摘要不符"),
    "ruleset-missing": ("no ruleset of the digest {}", "缺少摘要为 {} 的规则集"),
}
UNCHECKED = {
    "erased": ("{} entries whose content was erased: what they said", "{} 条内容已删除的条目所说的内容"),
    "withheld": ("{} entries whose content the pack leaves out: what they said", "{} 条未附内容的条目所说的内容"),
    "selection": (
        "whether the selection is complete: a pack of a range shows that",
        "所选条目是否齐全：须用区间证据包",
    ),
    "rulesets": ("the rulesets: the pack has none", "规则集：证据包中没有"),
    "others": ("what these files say beyond their hash: {}", "以下文件除哈希外的内容：{}"),
    "rules": (
        "whether the rules decide the same again: `tagwright replay` does",
        "规则再次判定是否相同：用 `tagwright replay`",
    ),
    "witness": (
        "whether others were shown another log: compare checkpoints with them",
        "他人所见是否为同一日志：与其比对检查点",
    ),
}


COUNTED = {
    "files": ("files", "个文件"),
    "checkpoints": ("checkpoints", "个检查点"),
    "entries": ("entries", "条条目"),
    "authority": ("entries on who answers for the rulesets", "条关于谁对规则集负责的条目"),
    "contents": ("contents", "份内容"),
    "erased": ("erased", "份已删除"),
    "withheld": ("left out", "份未附"),
    "rulesets": ("rulesets", "个规则集"),
}


class Bad(Exception):
    """Something does not hold; `code` is one of `PHRASES`."""

    def __init__(self, code: str, *values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Unreadable(Exception):
    """There is nothing here that can be checked."""


@dataclass
class Report:
    """What was found (code, place, values), how much was checked, and what was not."""

    findings: list[tuple[str, str, tuple[object, ...]]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unchecked: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)

    def add(self, place: str, bad: Bad) -> None:
        """Note what does not hold."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append((bad.code, place, bad.values))

    def count(self, what: str) -> None:
        """Note that one more was looked at."""
        self.counts[what] = self.counts.get(what, 0) + 1


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree: its size and root, and the proof that it continues the one before in the file, if it has one."""

    size: int
    root: bytes
    proof: tuple[bytes, ...] | None = None


# --- Ed25519 (RFC 8032): checking only, plain arithmetic, a few milliseconds a signature ---------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add_points(one: Point, two: Point) -> Point:
    """The sum, in extended coordinates (X, Y, Z, T)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * D * one[3] * two[3] % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, point: Point) -> Point:
    """The point, added to itself."""
    found = NEUTRAL
    while factor:
        if factor & 1:
            found = add_points(found, point)
        point, factor = add_points(point, point), factor >> 1
    return found


def read_point(data: bytes) -> Point | None:
    """The point that 32 bytes stand for, if they do."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def write_point(point: Point) -> bytes:
    """The 32 bytes that stand for a point."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE_POINT = read_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message: [s]B = R + [k]A."""
    point = read_point(public)
    s = int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or s >= ORDER:  # noqa: PLR2004  # R and s, 32 bytes each
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return write_point(add_points(multiply(s, BASE_POINT), multiply(k, minus))) == signature[:32]


# --- Notes and checkpoints (C2SP signed-note, tlog-checkpoint) -----------------------------------------------------


def unpack(text: str, length: int | None = None) -> bytes:
    """The bytes of a base64 text in its one form."""
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Bad("malformed", "base64") from None
    if base64.b64encode(data).decode() != text or len(data) != (length or len(data)):
        raise Bad("malformed", "base64")
    return data


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """The name, the id and the public key of a vkey."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        key = unpack(encoded, 33)
    except Bad:
        key = b""
    if key[:1] != b"\1" or sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_id:
        msg = f"expected a key such as `name+id+key`, found `{text}`"
        raise Unreadable(msg)
    return name, bytes.fromhex(key_id), key[1:]


def open_note(note: str, keys: Sequence[tuple[str, bytes, bytes]]) -> tuple[str, set[str]]:
    """The text of a note, and the names of those who signed it."""
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not gap or not signatures.endswith("\n") or len(note) > LONGEST_NOTE or len(lines) > MOST_SIGNATURES:
        raise Bad("malformed", "note")
    message, signed = f"{text}\n", set()
    for line in lines:
        found = re.fullmatch(r"— (\S+) (\S+)", line)
        if not found:
            raise Bad("malformed", "signature")
        data = unpack(found[2])
        for name, key_id, public in keys:
            if (name, key_id) == (found[1], data[:4]):
                if not is_signed(public, message.encode(), data[4:]):
                    raise Bad("false-signature")
                signed.add(name)
    if not signed:
        raise Bad("unknown-signer")
    return message, signed


def open_checkpoint(note: str, keys: Sequence[tuple[str, bytes, bytes]]) -> Checkpoint:
    """The checkpoint of a note that the log signed."""
    message, signed = open_note(note, keys)
    parts = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n", message)
    if not parts:
        raise Bad("malformed", "checkpoint")
    if parts[1] not in signed:
        raise Bad("wrong-origin", parts[1])
    size, root = int(parts[2]), unpack(parts[3], 32)
    if size == 0 and root != sha256(b"").digest():
        raise Bad("malformed", "root")
    return Checkpoint(size, root)


# --- The tree (RFC 6962; the proofs are checked as RFC 9162, sections 2.1.3.2 and 2.1.4.2, says) -------------------


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Growing:
    """A tree to which leaves are added: only the roots of its perfect subtrees are kept, the largest first."""

    def __init__(self, size: int, peaks: Sequence[bytes]) -> None:
        if size.bit_count() != len(peaks):
            raise Bad("malformed", "peaks")
        self.size, self.peaks = size, list(peaks)

    def push(self, leaf: bytes) -> None:
        """Add a leaf."""
        ends_with = self.size
        while ends_with & 1:
            leaf, ends_with = node_hash(self.peaks.pop(), leaf), ends_with >> 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root so far, of a tree that is not empty."""
        found = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf is at `index` of the tree."""
    at, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return False
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_continued(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree, which is larger, begins with the old one, which is not empty."""
    hashes = [old.root, *proof] if old.size.bit_count() == 1 else list(proof)
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    in_old = in_new = hashes[0] if hashes else b""
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            in_old, in_new = node_hash(sibling, in_old), node_hash(sibling, in_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            in_new = node_hash(in_new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and in_old == old.root and in_new == new.root


# --- The pack ------------------------------------------------------------------------------------------------------


class Pack:
    """The files of a folder or a .zip; names have `/` between folder and file."""

    def __init__(self, path: Path) -> None:
        self._folder = path
        try:
            self._archive = None if path.is_dir() else zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            msg = f"expected a folder or a .zip, found `{path}`: {error}"
            raise Unreadable(msg) from None

    def names(self) -> list[str]:
        """Every file there is."""
        if self._archive:
            return [name for name in self._archive.namelist() if not name.endswith("/")]
        files = [one for one in self._folder.rglob("*") if one.is_file()]
        return sorted(one.relative_to(self._folder).as_posix() for one in files)

    def open(self, name: str) -> IO[bytes]:
        """One of the files."""
        return self._archive.open(name) if self._archive else (self._folder / name).open("rb")

    def objects(self, name: str, report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
        """The JSON objects of a file, one a line, each with its place; a line that is none is a finding."""
        with self.open(name) as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                try:
                    yield f"{name}:{number}", read_object(line.decode())
                except (Bad, UnicodeDecodeError):
                    report.add(f"{name}:{number}", Bad("malformed", "JSON"))


def read_object(text: str) -> dict[str, Any]:
    """A JSON object in which no member stands twice."""
    try:
        found = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise Bad("malformed", "JSON") from None
    if not isinstance(found, dict):
        raise Bad("malformed", "JSON")
    return found


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of members, none of them twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Bad("malformed", "JSON")
    return found


def member(value: dict[str, Any], name: str, kind: type) -> Any:
    """A member of an object, of the kind that it must be of."""
    found = value.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise Bad("malformed", name)
    return found


def hashes(value: dict[str, Any], name: str) -> tuple[bytes, ...]:
    """A member that is a list of hashes."""
    return tuple(unpack(str(one), 32) for one in member(value, name, list))


def read_manifest(pack: Pack) -> dict[str, Any]:
    """What the pack says of itself."""
    try:
        with pack.open("manifest.json") as file:
            manifest = read_object(file.read(LONGEST_LINE).decode())
        scope, files = member(manifest, "scope", dict), member(manifest, "files", dict)
        if manifest.get("format") != FORMAT or scope.get("kind") not in {"range", "selection"}:
            raise Bad("malformed", "format")  # noqa: TRY301  # told like what the lines around it raise
        for needed in ("checkpoints.ndjson", "entries.ndjson"):
            member(files, needed, dict)
    except (OSError, KeyError, UnicodeDecodeError, Bad) as error:
        msg = f"expected an evidence pack of format {FORMAT}, found no such `manifest.json`: {error!r}"
        raise Unreadable(msg) from None
    return manifest


def check_files(pack: Pack, manifest: dict[str, Any], report: Report) -> None:
    """Each file is the one that the manifest lists, and there are no others."""
    there = set(pack.names()) - {"manifest.json"}
    for name, said in manifest["files"].items():
        if name not in there:
            report.add(name, Bad("file-missing"))
            continue
        found = sha256()
        with pack.open(name) as file:
            while part := file.read(1 << 20):
                found.update(part)
        if not isinstance(said, dict) or said.get("sha256") != found.hexdigest():
            report.add(name, Bad("file-changed"))
        report.count("files")
    for name in sorted(there - set(manifest["files"])):
        report.add(name, Bad("file-unlisted"))
    needed = {"checkpoints.ndjson", "entries.ndjson"} - there
    if needed:
        msg = f"expected the files {sorted(needed)}"
        raise Unreadable(msg)


def read_checkpoints(pack: Pack, keys: Sequence[tuple[str, bytes, bytes]], report: Report) -> list[Checkpoint]:
    """The pack's checkpoints, each signed by the log; those that are not are findings."""
    found = []
    for place, line in pack.objects("checkpoints.ndjson", report):
        try:
            checkpoint = open_checkpoint(member(line, "note", str), keys)
            proof = hashes(line, "consistency") if "consistency" in line else None
            found.append(Checkpoint(checkpoint.size, checkpoint.root, proof))
            report.count("checkpoints")
        except Bad as bad:
            report.add(place, bad)
    return found


def check_growth(checkpoints: Sequence[Checkpoint], is_range: bool, report: Report) -> None:
    """Each checkpoint continues the one before; in a range the entries show it, where there is no proof."""
    for number, (old, new) in enumerate(pairwise(checkpoints), 2):
        place = f"checkpoints.ndjson:{number}"
        if new.size < old.size:
            report.add(place, Bad("rollback", new.size, old.size))
        elif new.size == old.size:
            if new.root != old.root:
                report.add(place, Bad("split-view"))
        elif new.proof is None and is_range:
            continue
        elif old.size and not is_continued(old, new, new.proof or ()):
            report.add(place, Bad("fork", old.size))


# --- The entries ---------------------------------------------------------------------------------------------------


class Entries:
    """Checks entry by entry, in the order of the file; only what is under way is remembered."""

    counted = "entries"

    def __init__(self, manifest: dict[str, Any], checkpoints: Sequence[Checkpoint], report: Report) -> None:
        scope = manifest["scope"]
        self.is_range = scope["kind"] == "range"
        self.report, self.last = report, checkpoints[-1]
        self.digests: set[str] = set()
        self.expected = {one.size: one.root for one in reversed(checkpoints)}
        self.proven = self.next = member(scope, "first", int) if self.is_range else 0
        self.tree = Growing(self.next, hashes(scope, "peaks")) if self.is_range else Growing(0, ())
        self.is_whole = self.is_range
        self.promised: dict[bytes, str] = {}
        if self.is_range and self.next and self.expected.get(self.next) != self.tree.root():
            raise Bad("fork", self.next)

    def check(self, line: dict[str, Any]) -> None:
        """One line: its position, its leaf, its content."""
        position, text = member(line, "position", int), member(line, "envelope", str)
        self.report.count(self.counted)
        leaf = leaf_hash(text.encode(errors="surrogatepass"))
        self.promised.pop(leaf, None)
        if self.is_range:
            self._check_next(position, leaf)
        elif position < self.next:
            raise Bad("coverage", f">= {self.next}", position)
        elif not is_included(leaf, position, self.last.size, hashes(line, "proof"), self.last.root):
            raise Bad("not-included")
        self.next = position + 1
        self._check_content(line, read_object(text))

    def end(self) -> None:
        """A range ends where its last checkpoint does."""
        if self.is_whole and self.next != self.last.size:
            raise Bad("cut-off", self.next, self.last.size)

    def _check_next(self, position: int, leaf: bytes) -> None:
        if position != self.next:
            self.is_whole = False  # Why: behind a gap no root can be right; one finding says so
            wanted, self.next = self.next, position + 1
            raise Bad("coverage", wanted, position)
        self.tree.push(leaf)
        expected = self.expected.get(self.tree.size)
        if self.is_whole and expected is not None:
            if expected != self.tree.root():
                self.is_whole = False
                raise Bad("altered", self.proven, position)
            self.proven = self.tree.size

    def _check_content(self, line: dict[str, Any], envelope: dict[str, Any]) -> None:
        for name in ("kind", "id"):
            if line.get(name) != member(envelope, name, str):
                raise Bad("line-differs", name)
        kind, record, salt = envelope["kind"], line.get("record"), line.get("salt")
        if kind == "evaluation":
            self.digests.add(str(member(envelope, "ruleset", dict).get("digest")))
        if record is None:
            self.report.count("erased" if line.get("erased_by") else "withheld")
            return
        if line.get("erased_by"):
            raise Bad("erased-content")
        check_commitment(member(envelope, "commitment", str), member(line, "record", str), str(salt or ""))
        self.report.count("contents")
        if kind == "evaluation":
            content = read_object(record)
            for name in ("id", "ruleset", "engine", "at", "recorded_at", "trigger", "actor"):
                if content.get(name) != envelope.get(name):
                    raise Bad("record-differs", name)


class Authority(Entries):
    """Entries beside those of the scope, each with its proof: who wrote, approved and published the rulesets."""

    counted = "authority"

    def __init__(self, last: Checkpoint, report: Report) -> None:
        super().__init__({"scope": {"kind": "selection"}}, [last], report)


def check_commitment(commitment: str, content: str, salt: str) -> None:
    """The content is the one that the envelope was sealed with: an HMAC-SHA-256 under the salt, 32 bytes or none."""
    try:
        key = bytes.fromhex(salt)
    except ValueError:
        raise Bad("malformed", "salt") from None
    if len(key) not in {0, 32}:
        raise Bad("malformed", "salt")
    if not hmac.compare_digest(hmac.digest(key, content.encode(errors="surrogatepass"), "sha256").hex(), commitment):
        raise Bad("content")


def check_rulesets(pack: Pack, digests: set[str], report: Report) -> None:
    """Each ruleset has its digest, and each digest that a decision names has its ruleset."""
    there = set()
    for place, line in pack.objects("versions.ndjson", report):
        try:
            digest = f"sha256:{sha256(member(line, 'document', str).encode()).hexdigest()}"
            if digest != line.get("digest"):
                raise Bad("ruleset-changed")  # noqa: TRY301  # each line on its own
            there.add(digest)
            report.count("rulesets")
        except Bad as bad:
            report.add(place, bad)
    for missing in sorted(digests - there):
        report.add("versions.ndjson", Bad("ruleset-missing", missing))


def verify(
    pack: Pack, keys: Sequence[tuple[str, bytes, bytes]], held: Sequence[str] = (), receipts: Sequence[str] = ()
) -> Report:
    """Check all of a pack. `held` are checkpoints that were given out earlier, `receipts` likewise, as notes."""
    report = Report()
    manifest = read_manifest(pack)
    check_files(pack, manifest, report)
    checkpoints = read_checkpoints(pack, keys, report)
    is_range = manifest["scope"]["kind"] == "range"
    check_growth(checkpoints, is_range, report)
    if checkpoints:
        try:
            entries = Entries(manifest, checkpoints, report)
            read_receipts(receipts, entries, keys)
            check_entries(pack, entries, held, keys)
            for missing in entries.promised.values():
                report.add("entries.ndjson", Bad("omitted", missing))
        except Bad as bad:
            report.add("manifest.json", bad)
    say_unchecked(manifest, report)
    return report


def read_receipts(receipts: Sequence[str], entries: Entries, keys: Sequence[tuple[str, bytes, bytes]]) -> None:
    """Remember which leaves were promised, by receipts that the log signed."""
    for number, note in enumerate(receipts, 1):
        try:
            text, signed = open_note(note, keys)
            found = re.fullmatch(r"([^\n]+)\ntagwright receipt v1\n([^\n]+)\nleaf (\S+)\nsealed-by \S+\n", text)
            if not found or found[1] not in signed:
                raise Bad("malformed", "receipt")  # noqa: TRY301  # each on its own
            entries.promised[unpack(found[3], 32)] = found[2]
        except Bad as bad:
            entries.report.add(f"--receipt {number}", bad)


def check_entries(pack: Pack, entries: Entries, held: Sequence[str], keys: Sequence[tuple[str, bytes, bytes]]) -> None:
    """Every line of the entries, what the holder holds, and the rulesets."""
    report = entries.report
    for number, note in enumerate(held, 1):
        try:
            one = open_checkpoint(note, keys)
            known = entries.expected.get(one.size)
            if known not in {None, one.root}:
                raise Bad("split-view")  # noqa: TRY301  # each on its own
            if known is None and not (entries.is_range and entries.next < one.size <= entries.last.size):
                raise Bad("held-unmatched", one.size)  # noqa: TRY301  # each on its own
            entries.expected[one.size] = one.root
        except Bad as bad:
            report.add(f"--checkpoint {number}", bad)
    check_lines(pack, "entries.ndjson", entries)
    try:
        entries.end()
    except Bad as bad:
        report.add("entries.ndjson", bad)
    if "versions.ndjson" in pack.names():
        check_rulesets(pack, entries.digests, report)
    if "authority.ndjson" in pack.names():
        check_lines(pack, "authority.ndjson", Authority(entries.last, report))


def check_lines(pack: Pack, name: str, entries: Entries) -> None:
    """Every line of a file of entries."""
    for place, line in pack.objects(name, entries.report):
        try:
            entries.check(line)
        except Bad as bad:
            entries.report.add(place, bad)


def say_unchecked(manifest: dict[str, Any], report: Report) -> None:
    """What nobody should take for checked."""
    for name in ("erased", "withheld"):
        if name in report.counts:
            report.unchecked.append((name, (report.counts[name],)))
    if manifest["scope"]["kind"] == "selection":
        report.unchecked.append(("selection", ()))
    if "rulesets" not in report.counts:
        report.unchecked.append(("rulesets", ()))
    others = set(manifest["files"]).difference(CHECKED)
    if others:
        report.unchecked.append(("others", (", ".join(sorted(others)),)))
    report.unchecked += [("rules", ()), ("witness", ())]


def lines_of(report: Report, language: int) -> Iterator[str]:
    """The report for people; `language` is 0 for English, 1 for Chinese."""
    for code, place, values in report.findings:
        yield f"{place}: {code}: {PHRASES[code][language].format(*values)}"
    counted = ", ".join(f"{count} {COUNTED[what][language]}" for what, count in report.counts.items())
    yield ("checked: ", "已核对：")[language] + counted
    for code, values in report.unchecked:
        yield ("not checked: ", "未核对：")[language] + UNCHECKED[code][language].format(*values)
    yield (("does not hold", "不成立") if report.findings else ("holds", "成立"))[language]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence pack offline.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key", action="append", required=True, metavar="VKEY")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, metavar="FILE")
    parser.add_argument("--receipt", action="append", default=[], type=Path, metavar="FILE")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        held, receipts = ([file.read_text("utf-8") for file in some] for some in (asked.checkpoint, asked.receipt))
        report = verify(Pack(asked.pack), [read_key(one) for one in asked.key], held, receipts)
    except (Unreadable, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"holds": not report.findings, **vars(report)}, ensure_ascii=False))
    else:
        print(*lines_of(report, ("en", "zh").index(asked.language)), sep="\n")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
