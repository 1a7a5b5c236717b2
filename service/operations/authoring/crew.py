"""Pages of stored profiles -> what a draft would change for them, counted by several processes.

A helper process is given texts and rows and gives back counts; it opens no database. It ends when this process ends,
since then nobody holds the other end of its pipe.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Self

from service.audit.rows import ProfileRow
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.operations.authoring.impact import Impact, Move, Tally
from service.operations.authoring.trial import Pair, try_rows

IN_HAND = 2
"""How many pages a helper has at a time: one that it decides, and the next."""

Texts = Callable[[Collection[int]], Mapping[int, str]]
"""The documents of some versions, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The texts that a helper makes its programs of; `at` and `rules_fire` as for a `Pair`."""

    active: str
    version: int
    draft: str
    at: int
    rules_fire: bool


class Page(NamedTuple):
    """Profiles to decide; `texts` are of versions that decided some of them last and that the helper does not know yet.
    Of moves `named` already no further profile is named.
    """

    rows: Sequence[ProfileRow]
    texts: Mapping[int, str]
    named: frozenset[Move]


@dataclass(slots=True)
class Helper:
    """One process, our end of its pipe, the versions it knows, and the sizes of the pages that it has in hand."""

    process: BaseProcess
    pipe: "Connection[Any, Any]"
    known: set[int]
    sizes: list[int] = field(default_factory=list)

    def give(self, rows: Sequence[ProfileRow], texts: Texts, named: frozenset[Move]) -> None:
        """Have it decide a page."""
        unknown = {row.version for row in rows} - self.known
        self.pipe.send(Page(rows, texts(unknown) if unknown else {}, named))
        self.known |= unknown
        self.sizes.append(len(rows))

    def take(self) -> Tally:
        """What came out of the page that it was given first."""
        found: Tally = self.pipe.recv()
        return found


class Crew:
    """Some helpers, from `with` to its end."""

    def __init__(self, recipe: Recipe, size: int) -> None:
        context = get_context("spawn")  # Why: a fork would take the store's connections along
        self._helpers: list[Helper] = []
        for _ in range(size):
            ours, theirs = context.Pipe()
            process = context.Process(target=help_out, args=(theirs, recipe), daemon=True)
            process.start()
            theirs.close()
            self._helpers.append(Helper(process, ours, {recipe.version}))

    def __enter__(self) -> Self:
        """The helpers, at work."""
        return self

    def __exit__(self, *_: object) -> None:
        """End them, whatever they have in hand."""
        for helper in self._helpers:
            helper.pipe.close()
            helper.process.kill()
            helper.process.join()

    def count(self, pages: Iterator[Sequence[ProfileRow]], texts: Texts, total: Tally) -> Iterator[int]:
        """Have pages decided and add what came out to `total`; how many profiles each page had, as they are done."""
        self._hand_out(pages, texts, total)
        while busy := {helper.pipe: helper for helper in self._helpers if helper.sizes}:
            for pipe in wait([*busy]):
                helper = busy[pipe]  # type: ignore[index]  # one of those that are waited for
                total.take(helper.take())
                yield helper.sizes.pop(0)
            self._hand_out(pages, texts, total)

    def _hand_out(self, pages: Iterator[Sequence[ProfileRow]], texts: Texts, total: Tally) -> None:
        named = total.named_enough()
        for helper in self._helpers:
            while len(helper.sizes) < IN_HAND and (rows := next(pages, None)) is not None:
                helper.give(rows, texts, named)


def help_out(pipe: "Connection[Any, Any]", recipe: Recipe) -> None:
    """What a helper process does, until nobody holds the other end of its pipe."""
    active, draft = program(recipe.active), program(recipe.draft)
    pair = Pair(active=active, draft=draft, at=recipe.at, rules_fire=recipe.rules_fire)
    programs = {recipe.version: active}
    while True:
        try:
            page: Page = pipe.recv()
        except EOFError:
            return
        programs |= {version: program(text) for version, text in page.texts.items()}
        impact = Impact(active, draft, page.named)
        try_rows(impact, pair, programs.__getitem__, page.rows)
        pipe.send(impact.tally)


def program(text: str) -> Program:
    """The program of a text that was checked before."""
    found = read_ruleset(text).program
    assert found is not None
    return found
