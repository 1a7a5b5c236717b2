"""A construct's members -> the fields of a form; posted fields -> the construct. One description for all constructs.

The members come from the language itself, so none can be forgotten. What a form does not show, and what was not
touched, stays as it was, to the letter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.console.conditions import Group, Refusal, Row, text_of, tree_of
from service.console.editing.builder import Builder, GroupView
from service.console.editing.leaves import ABSENT, FITS, NULL, READ, SHOW, Texts
from service.console.editing.names import bands_of, titled
from service.console.editing.places import REFERENCES, SINGLE, sections
from service.console.texts import Speaker
from service.errors import NotFound
from service.language.canonical import indented_bytes
from service.language.diff.conditions import same
from service.language.fields import Construct, FreeObject, ListOf, Member, Object
from service.language.rewrite import read
from service.language.scalars import Boolean, Choice, Constant, Expression, Key, KeyOrAny, Number, Period, Words

Json = dict[str, Any]
Options = tuple[tuple[str, str], ...]
MOST_PAIRS = 1_000
"""The most names and values of one member that a form may send."""
CONDITIONS = frozenset({"when", "until", "expression"})
"""Expressions that can be shown as rows."""
BOXES = frozenset({("Tag", "on"), ("Transition", "on"), ("Transition", "from")})
"""Lists of keys that are chosen by boxes."""
SELDOM = frozenset(
    [
        "after_stay",
        "aliases",
        "cooldown",
        "decimals",
        "default",
        "description",
        "dimension",
        "enum",
        "event",
        "expires_after",
        "fall",
        "fall_after",
        "held_for",
        "manual",
        "margin",
        "max_moved_share",
        "maximum",
        "minimum",
        "minimum_coverage",
        "missing",
        "on",
        "output",
        "owner",
        "parameters",
        "personal",
        "prefix",
        "profile",
        "required",
        "rise_after",
        "sticky",
        "tag_budgets",
        "until",
        "valid_until",
    ]
)
"""Members that are shown folded away until they say something."""
INSTEAD = {"cases": "expression", "otherwise": "expression", "input": "value", "points": "value"}
"""Members that are folded away where another says it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One member in a form: `texts` by suffix; `rows` of a list, `fields` of a group, `tree` of a condition."""

    kind: str
    path: str
    construct: str
    name: str
    texts: Texts
    is_set: bool
    is_required: bool
    is_seldom: bool
    options: Options = ()
    rows: tuple[tuple["Field", ...], ...] = ()
    fields: tuple["Field", ...] = ()
    tree: GroupView | None = None
    refusal: Refusal | None = None
    of: str = ""
    """What the rows of a list are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What forms are made with: the draft's document, the rows of its conditions, and who speaks.

    `trees` are conditions that are being built, by path; `as_text` the paths of those that are shown as text.
    """

    document: Json
    builder: Builder
    t: Speaker
    trees: Mapping[str, Group]
    as_text: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form that was sent, and the rows that its conditions are read by."""

    form: Mapping[str, str]
    lists: Callable[[str], Sequence[str]]
    builder: Builder

    def has(self, path: str) -> bool:
        """Whether the form had a member's fields."""
        return path in self.lists("field")

    def text(self, name: str) -> str:
        """One text, its line ends as the document has them."""
        return self.form.get(name, "").replace("\r\n", "\n")


def skipped(construct: Construct, path: str) -> frozenset[str]:
    """The members that no form shows at a path: sections have pages of their own, and an entry's key is renamed."""
    if path:
        return frozenset()
    return frozenset({"key", "format", *SINGLE, *sections()} - ({"from"} if construct.name == "Transition" else set()))


# --- a construct -> fields ------------------------------------------------------------------------


def fields_of(construct: Construct, held: Any, book: Book, path: str = "") -> tuple[Field, ...]:
    """The fields of a construct."""
    value = held if isinstance(held, dict) else {}
    hidden = skipped(construct, path)
    return tuple(
        _field(construct, name, member, value, book, path)
        for name, member in construct.members.items()
        if name not in hidden
    )


def _field(construct: Construct, name: str, member: Member, holder: Json, book: Book, outer: str) -> Field:
    path, value = f"{outer}/{name}" if outer else name, holder.get(name)
    kind = kind_of(construct.name, name, member)
    facts: dict[str, Any] = {
        "path": path,
        "construct": construct.name,
        "name": name,
        "is_set": value is not None,
        "is_required": member.required,
        "is_seldom": value is None and not member.required and _is_seldom(construct.name, name, holder),
    }
    if value is not None and not _fits(kind, value):
        return Field(kind="odd", texts={"": indented_bytes(value).decode()}, **facts)
    if kind == "list":
        inner = _inner(member)
        rows = tuple(fields_of(inner, one, book, f"{path}/{index}") for index, one in enumerate(value or ()))
        return Field(kind=kind, texts={}, rows=rows, of=inner.name, **facts)
    if kind == "group":
        return Field(kind=kind, texts={}, fields=fields_of(_inner(member), value, book, path), **facts)
    if kind in ("condition", "formula"):
        return _expression(kind, value, book, facts)
    options = _options(construct.name, name, member, book)
    texts = SHOW[kind](value)
    if kind == "choice" and texts[""] not in dict(options):
        options = ((texts[""], texts[""] or "—"), *options)
    if kind == "references":
        options = (*options, *((one, one) for one in texts[""] if one not in dict(options)))
    return Field(kind=kind, texts=texts, options=options, **facts)


def _is_seldom(construct: str, name: str, holder: Json) -> bool:
    is_said = bool(holder.get(INSTEAD.get(name, "")))
    return (
        name in SELDOM
        or is_said
        or ((construct, name) == ("Value", "expression") and "cases" in holder)
        or construct == "Expect"
    )


def _expression(kind: str, value: Any, book: Book, facts: dict[str, Any]) -> Field:
    text, path = value or "", facts["path"]
    if kind == "formula":
        return Field(kind=kind, texts={"": text}, **facts)
    tree = book.trees.get(path) or tree_of(text)
    if isinstance(tree, Refusal):
        return Field(kind=kind, texts={"": text}, refusal=tree, **facts)
    if facts["name"] == "expression" and is_plain(tree):
        return Field(kind="formula", texts={"": text}, **facts)
    shown = None if path in book.as_text else book.builder.view(tree)
    return Field(kind=kind, texts={"": text}, tree=shown, **facts)


def is_plain(tree: Group) -> bool:
    """Whether a tree only names something, which need not be a condition."""
    return not tree.items or (
        len(tree.items) == 1 and isinstance(tree.items[0], Row) and tree.items[0].operator == "is"
    )


def kind_of(construct: str, name: str, member: Member) -> str:
    """How a member is shown."""
    if isinstance(member, ListOf):
        if isinstance(member.inner, Object):
            return "list"
        if (construct, name) in BOXES:
            return "references"
        return "keys" if isinstance(member.inner, Key | KeyOrAny) else "lines"
    if isinstance(member, Object):
        return "group"
    if isinstance(member, Expression):
        return "condition" if name in CONDITIONS else "formula"
    if isinstance(member, Choice) or (construct, name) in REFERENCES:
        return "choice"
    plain: tuple[tuple[type[Member], str], ...] = (
        (Words, "words"),
        (Boolean, "flag"),
        (Number, "number"),
        (Period, "period"),
        (FreeObject, "pairs"),
        (Constant, "constant"),
    )
    found = next((kind for one, kind in plain if isinstance(member, one)), "text")
    return "constant" if type(member) is Member else found


def _options(construct: str, name: str, member: Member, book: Book) -> Options:
    if isinstance(member, Choice):
        first = () if member.required else (("", book.t("edit.default")),)
        return (*first, *((one, book.t.or_key("choice." + f"{name}.{one}", one)) for one in member.choices))
    section = REFERENCES.get((construct, name))
    if section is None or (isinstance(member, ListOf) and (construct, name) not in BOXES):
        return ()
    if section == "bands":
        tiers = [key for key, _ in titled(book.document, "tiers", book.t)]
        known = [pair for tier in tiers for pair in bands_of(book.document, tier, book.t)]
    else:
        known = titled(book.document, section, book.t)
    if (construct, name) == ("Transition", "from"):
        known = [("*", book.t("edit.any_stage")), *known]
    if isinstance(member, ListOf):
        return tuple(known)
    null = ((NULL, book.t("edit.unknown")),) if member.allow_none else ()
    return (("", book.t("edit.nothing")), *null, *dict(known).items())


def _fits(kind: str, value: Any) -> bool:
    if kind in ("list", "group"):
        return (
            isinstance(value, dict)
            if kind == "group"
            else isinstance(value, list) and all(isinstance(one, dict) for one in value)
        )
    return FITS[kind](value)


def _inner(member: Member) -> Construct:
    found = member.inner if isinstance(member, ListOf) else member
    assert isinstance(found, Object)
    return found.construct


# --- posted fields -> a construct -----------------------------------------------------------------


def read_fields(construct: Construct, held: Any, posted: Posted, path: str = "") -> Json:
    """The construct as it was held, with what was posted of it."""
    found = dict(held) if isinstance(held, dict) else {}
    for name, member in construct.members.items():
        place = f"{path}/{name}" if path else name
        if posted.has(place):
            value = _read(construct.name, name, member, found.get(name), posted, place)
            found.pop(name, None)
            if value is not ABSENT:
                found[name] = value
    return found


def _read(construct: str, name: str, member: Member, held: Any, posted: Posted, path: str) -> Any:
    kind = kind_of(construct, name, member)
    if held is not None and not _fits(kind, held):
        return held
    if kind == "list":
        return _read_list(_inner(member), held, posted, path)
    if kind == "group":
        found = read_fields(_inner(member), held, posted, path)
        return found if found or held is not None else ABSENT
    if kind in ("condition", "formula"):
        return _read_expression(held, posted, path)
    shown = SHOW[kind](held)
    texts = {suffix: _posted_texts(kind, suffix, posted, path) for suffix in shown}
    if texts == shown:
        return ABSENT if held is None else held
    return READ[kind](texts)


def _posted_texts(kind: str, suffix: str, posted: Posted, path: str) -> Any:
    name = f"{path}:{suffix}" if suffix else path
    if kind == "references":
        return list(posted.lists(path))
    if kind != "pairs":
        return posted.text(name)
    told = posted.text(f"{path}#")
    count = min(int(told), MOST_PAIRS) if told.isascii() and told.isdecimal() else 0
    rows = [[posted.text(f"{path}/{index}:{part}") for part in ("name", "kind", "text")] for index in range(count)]
    return [one for one in rows if one[0].strip()]


def _read_list(construct: Construct, held: Any, posted: Posted, path: str) -> Any:
    entries = held or []
    found = [read_fields(construct, one, posted, f"{path}/{index}") for index, one in enumerate(entries)]
    return found if found or held is not None else ABSENT


def _read_expression(held: Any, posted: Posted, path: str) -> Any:
    if posted.text(f"{path}:view") == "rows":
        text = text_of(tree_posted(posted, path))
        now, was = read(text), read(held)
        if now is not None and was is not None and same(now, was):
            return held
    else:
        text = posted.text(path)
    return text if text.strip() else ABSENT


def tree_posted(posted: Posted, path: str) -> Group:
    """The rows of a condition as they were posted, those among them that are not complete yet."""
    return posted.builder.posted(path, posted.form.get, posted.lists)


# --- what a button does to an entry ---------------------------------------------------------------


def rearranged(entry: Json, do: str, path: str) -> Json:
    """The entry with a row added to the list at a path, or the row at a path removed, or moved `up` or `down`."""
    found = dict(entry)
    parts = path.split("/")
    try:
        if do == "add":
            _inside(found, parts, is_new=True).append({})
            return found
        holder, index = _inside(found, parts[:-1]), int(parts[-1])
        other = index + {"up": -1, "down": 1}.get(do, 0)
        if do == "remove":
            del holder[index]
        elif 0 <= other < len(holder):
            holder[index], holder[other] = holder[other], holder[index]
    except (LookupError, ValueError, TypeError, AttributeError):
        raise NotFound(f"there is no `{path}` to change here") from None
    return found


def _inside(holder: Any, parts: Sequence[str], *, is_new: bool = False) -> Any:
    """The list at a path, every step copied on the way; an empty one is made where there is none."""
    for place, part in enumerate(parts):
        at: Any = int(part) if isinstance(holder, list) else part
        is_last = place == len(parts) - 1
        inner = holder[at] if isinstance(holder, list) else holder.get(at)
        inner = ([] if is_last and is_new else {}) if inner is None else inner
        holder[at] = inner = list(inner) if isinstance(inner, list) else dict(inner)
        holder = inner
    return holder
