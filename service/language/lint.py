"""A ruleset -> warnings and hints about its tags: how they are named, who answers for them, how many there are.

Pure; one small generator for each code, named for it. Source: docs/language.md, "Checks".
"""

from collections.abc import Iterator, Mapping

from service.language.diagnostics import Diagnostic, step
from service.language.fields import shown
from service.language.likeness import alike
from service.language.model import Ruleset, Text
from service.language.sentences import say


def lint_tags(ruleset: Ruleset) -> tuple[Diagnostic, ...]:
    """Everything about a ruleset's tags, one code after the other."""
    return (
        *naming_pattern(ruleset),
        *tag_budget(ruleset),
        *tag_without_owner(ruleset),
        *tag_without_expiry(ruleset),
        *look_alike_tags(ruleset),
    )


def naming_pattern(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Titles that don't begin with the prefix of their group, in each language."""
    prefixes = {one.key: one.prefix for one in ruleset.tag_groups if one.prefix is not None}
    for index, tag in enumerate(ruleset.tags):
        if tag.group not in prefixes or tag.title is None:
            continue
        for language, title in by_language(tag.title):
            wanted = prefixes_for(language, prefixes[tag.group])
            if wanted and not title.startswith(wanted):
                pointer = f"/tags/{index}/title{f'/{language}' if language else ''}"
                listed = "` / `".join(shown(one) for one in wanted)
                yield say("naming-pattern", pointer, prefix=listed, group=tag.group, found=shown(title))


def by_language(text: Text) -> list[tuple[str, str]]:
    """A text's languages with their words; of plain words the language is empty."""
    return list(text.items()) if isinstance(text, Mapping) else [("", text)]


def prefixes_for(language: str, prefix: Text) -> tuple[str, ...]:
    """How titles in a language may begin: as the prefix in that language, or else in any script of it; plain words
    as in any.
    """
    given = by_language(prefix)
    exact = tuple(words for name, words in given if not name or not language or name == language)
    primary = language.partition("-")[0]
    return exact or tuple(words for name, words in given if name.partition("-")[0] == primary)


def tag_budget(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Channels that take fewer tags than there are."""
    for channel, most in (ruleset.tag_budgets or {}).items():
        if len(ruleset.tags) > most:
            pointer = step("/tag_budgets", channel)
            yield say("tag-budget", pointer, channel=shown(channel), most=most, found=len(ruleset.tags))


def tag_without_owner(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Tags that nobody answers for, where others name an owner."""
    if any(one.owner is not None for one in ruleset.tags):
        for index, tag in enumerate(ruleset.tags):
            if tag.owner is None:
                yield say("tag-without-owner", f"/tags/{index}", key=tag.key)


def tag_without_expiry(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Tags with a memory that nothing ends: held for good once an event came or a condition was true."""
    for index, tag in enumerate(ruleset.tags):
        has_end = tag.until is not None or tag.expires_after is not None or tag.valid_until is not None
        if (tag.on is not None or tag.sticky) and not has_end:
            yield say("tag-without-expiry", f"/tags/{index}", key=tag.key)


def look_alike_tags(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Tags whose titles, in one language, or whose keys would be taken for one another; each pair once."""
    places = {tag.key: index for index, tag in enumerate(ruleset.tags)}
    titles: dict[str, list[tuple[str, str]]] = {}
    for tag in ruleset.tags:
        for language, title in by_language(tag.title or {}):
            titles.setdefault(language, []).append((tag.key, title))
    told = set()
    for names in (*titles.values(), [(key, key) for key in places]):
        for (key, name), (other, like) in alike(names):
            if frozenset((key, other)) not in told:
                told.add(frozenset((key, other)))
                pointer = f"/tags/{places[key]}"
                yield say("look-alike-tags", pointer, key=key, other=other, found=shown(name), like=shown(like))
