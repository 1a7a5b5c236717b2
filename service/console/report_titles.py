"""How people call the stages, bands and tags that a report counts."""

from service.console.texts import Speaker
from service.language.program import Program


class Titles:
    """How people call what a ruleset has, in one language."""

    def __init__(self, program: Program, t: Speaker) -> None:
        ruleset = program.ruleset
        stages = ruleset.lifecycle.stages if ruleset.lifecycle else ()
        self._names = {("stage", "lifecycle", one.key): t.text(one.title, one.key) for one in stages}
        self._names |= {("tag", tag.key, "held"): t.text(tag.title, tag.key) for tag in ruleset.tags}
        for tier in ruleset.tiers:
            self._names |= {("tier", tier.key, one.key): t.text(one.title, one.key) for one in tier.bands}
        self._whole = {tier.key: t.text(tier.title, tier.key) for tier in ruleset.tiers}
        self._whole |= {tag.key: t.text(tag.title, tag.key) for tag in ruleset.tags}
        self._values = {value: name for (kind, _, value), name in self._names.items() if kind != "tag"}
        self._t = t

    def place(self, one: tuple[str, str]) -> int:
        """Where something that is held stands in the ruleset; behind all others if it is gone from there."""
        found = [at for at, (_, key, value) in enumerate(self._names) if (key, value) == one]
        return found[0] if found else len(self._names)

    def rank(self, value: str | None) -> int:
        """Where a stage or a band stands in the ruleset, those who are not there yet first."""
        if value in {None, "absent"}:
            return -1
        return list(self._values).index(str(value)) if value in self._values else len(self._values)

    def held(self, key: str, value: str) -> str:
        """A stage, a band or a tag that is held."""
        found = self._names.get(("tag", key, value)) or self._names.get(("tier", key, value))
        return found or self._names.get(("stage", key, value), value)

    def thing(self, kind: str, key: str) -> str:
        """What can change: the stage, a tier or a tag."""
        return self._t("reports.the_stage") if kind == "stage" else self._whole.get(key, key)

    def value(self, value: str | None) -> str:
        """What something was or became."""
        if value in {None, "absent"}:
            return self._t("reports.nothing")
        return self._t("reports.held") if value == "held" else self._values.get(str(value), str(value))

    def beside(self, value: str | None) -> str:
        """A value that profiles are told apart by."""
        return (
            self._t("reports.none_of_them") if value is None else self._whole.get(value, self._values.get(value, value))
        )
