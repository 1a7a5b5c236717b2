"""Where the cases stand: each situation is a ruleset whose own examples say what must come of it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def decision_cases() -> list[Path]:
    """The ruleset of every situation under tests/cases/decisions, by name; every door that decides must pass them."""
    return sorted((ROOT / "tests" / "cases" / "decisions").glob("*/ruleset.json"))


def shipped_rulesets() -> list[Path]:
    """The rulesets that the service brings along, by name."""
    return sorted((ROOT / "rulesets").glob("*.json"))


def case_name(file: Path) -> str:
    """What a case is called in a test report: the name of its situation."""
    return file.parent.name if file.name == "ruleset.json" else file.stem
