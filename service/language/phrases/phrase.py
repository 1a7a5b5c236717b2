"""What a sentence is: a message and its help, each by language, with blanks in braces."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence: `message` and `help` by language (`en`, `zh`)."""

    message: Mapping[str, str]
    help: Mapping[str, str] | None = None


def phrase(en: str, zh: str, help_en: str | None = None, help_zh: str | None = None) -> Phrase:
    """A sentence from its texts; help needs both languages or neither."""
    advice = {"en": help_en, "zh": help_zh} if help_en and help_zh else None
    return Phrase({"en": en, "zh": zh}, advice)
