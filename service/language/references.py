"""A ruleset's model -> what is wrong with the names by which constructs point at each other.

Groups, stages, bands, events, tags named by actions and by examples. Source: docs/language.md, "Checks".
"""

from collections.abc import Iterable, Iterator
from typing import Any

from service.language.diagnostics import Diagnostic
from service.language.model import Ruleset
from service.language.scope import nearest
from service.language.sentences import say


def check_references(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Every reference that leads nowhere, with the nearest name that exists."""
    names = Names(ruleset)
    yield from check_groups(ruleset, names)
    for index, tag in enumerate(ruleset.tags):
        yield from names.events(f"/tags/{index}/on", tag.on or ())
    yield from check_lifecycle(ruleset, names)
    for index, action in enumerate(ruleset.actions):
        for place, one in enumerate(action.on):
            pointer = f"/actions/{index}/on/{place}"
            if one.stage is not None:
                yield from names.stage(f"{pointer}/stage", one.stage)
            if one.tag is not None:
                yield from names.known("unknown-name/tag", f"{pointer}/tag", one.tag, names.tags)
            if one.tier is not None:
                yield from names.band(pointer, one.tier, one.band)
    for index, example in enumerate(ruleset.examples):
        for place, step in enumerate(example.steps):
            yield from check_step(f"/examples/{index}/steps/{place}", step, names)


class Names:
    """The keys of a ruleset, and the diagnostics for those that are not among them."""

    def __init__(self, ruleset: Ruleset) -> None:
        lifecycle = ruleset.lifecycle
        self.tags = {one.key for one in ruleset.tags}
        self.groups = {one.key: one for one in ruleset.tag_groups}
        self.tiers = {one.key: [band.key for band in one.bands] for one in ruleset.tiers}
        self.stages = [one.key for one in lifecycle.stages] if lifecycle else []
        self.event_types = [one.key for one in ruleset.events]
        self.scores = [one.key for one in ruleset.scores]
        self.actions = [one.key for one in ruleset.actions]
        self.outputs = [one.key for one in ruleset.values if one.output]

    def known(
        self, sentence: str, pointer: str, name: object, known: Iterable[str], **facts: Any
    ) -> Iterator[Diagnostic]:
        """A diagnostic if the name is not known."""
        if name in (known := list(known)):
            return
        near = nearest(str(name), known)
        if near:
            yield say(sentence, pointer, help="help/nearest", name=name, near=near, **facts)
        else:
            yield say(sentence, pointer, name=name, **facts)

    def stage(self, pointer: str, name: object) -> Iterator[Diagnostic]:
        yield from self.known("unknown-stage", pointer, name, self.stages)

    def band(self, pointer: str, tier: str, band: object) -> Iterator[Diagnostic]:
        if tier not in self.tiers:
            yield from self.known("unknown-name/tier", f"{pointer}/tier", tier, self.tiers)
        else:
            yield from self.known("unknown-band", f"{pointer}/band", band, self.tiers[tier], tier=tier)

    def events(self, pointer: str, types: Iterable[str]) -> Iterator[Diagnostic]:
        for index, one in enumerate(types):
            yield from self.known("unknown-event", f"{pointer}/{index}", one, self.event_types)


def check_groups(ruleset: Ruleset, names: Names) -> Iterator[Diagnostic]:
    """Groups that tags name, and the defaults that groups name."""
    for index, tag in enumerate(ruleset.tags):
        if tag.group is not None:
            yield from names.known("unknown-group", f"/tags/{index}/group", tag.group, names.groups)
    for index, group in enumerate(ruleset.tag_groups):
        members = [one.key for one in ruleset.tags if one.group == group.key]
        pointer = f"/tag_groups/{index}/default"
        if group.default is not None and group.default not in members:
            yield say("unknown-group/default", pointer, name=group.default)
        elif group.default is not None and members[-1] != group.default:
            yield say("unknown-group/last", pointer, name=group.default)


def check_lifecycle(ruleset: Ruleset, names: Names) -> Iterator[Diagnostic]:
    """Stages and events that the lifecycle names."""
    lifecycle = ruleset.lifecycle
    if lifecycle is None:
        return
    yield from names.stage("/lifecycle/initial", lifecycle.initial)
    for index, one in enumerate(lifecycle.transitions):
        pointer = f"/lifecycle/transitions/{index}"
        for place, source in enumerate(one.sources):
            if source != "*":
                yield from names.stage(f"{pointer}/from/{place}", source)
        yield from names.stage(f"{pointer}/to", one.target)
        yield from names.events(f"{pointer}/on", one.on or ())


def check_step(pointer: str, step: Any, names: Names) -> Iterator[Diagnostic]:
    """Names in an example's step."""
    if step.event is not None:
        yield from names.known("unknown-event", f"{pointer}/event/type", step.event["type"], names.event_types)
    if step.manual is not None:
        yield from names.known("unknown-name/manual", f"{pointer}/manual/tag", step.manual["tag"], names.tags)
    expect, place = step.expect or {}, f"{pointer}/expect"
    if expect.get("stage") is not None:
        yield from names.stage(f"{place}/stage", expect["stage"])
    for word, tags in (expect.get("tags") or {}).items():
        for index, tag in enumerate(tags):
            yield from names.known("unknown-name/tag", f"{place}/tags/{word}/{index}", tag, names.tags)
    for tier, band in (expect.get("tiers") or {}).items():
        if tier not in names.tiers:
            yield from names.known("unknown-name/tier", f"{place}/tiers/{tier}", tier, names.tiers)
        elif band is not None:
            yield from names.known("unknown-band", f"{place}/tiers/{tier}", band, names.tiers[tier], tier=tier)
    for word, kind, kind_zh, known in (
        ("scores", "score", "评分", names.scores),
        ("values", "output value", "输出值", names.outputs),
    ):
        for name in expect.get(word) or {}:
            yield from names.known(
                "unknown-name/expect", f"{place}/{word}/{name}", name, known, kind=kind, kind_zh=kind_zh
            )
    for index, name in enumerate(expect.get("actions") or ()):
        yield from names.known(
            "unknown-name/expect", f"{place}/actions/{index}", name, names.actions, kind="action", kind_zh="动作"
        )
