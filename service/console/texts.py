"""What the console says, in English and Chinese, by name: `speaker("zh")("overview.title")`.

Every sentence stands in `words`, in both languages; one that is missing is a bug that a test finds.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from service.console.words import WORDS

LANGUAGES = ("en", "zh")


class Speaker:
    """Says sentences in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = LANGUAGES.index(language)

    def __call__(self, name: str, /, **facts: object) -> str:
        """The sentence of a name, its blanks filled."""
        text = WORDS[name][self._place]
        return text.format(**facts) if facts else text

    def html(self, name: str, /, **facts: object) -> Markup:
        """The same for a sentence with mark-up of its own; what fills it is escaped."""
        return Markup(WORDS[name][self._place]).format(**{key: escape(one) for key, one in facts.items()})  # noqa: S704  # our own sentence

    def knows(self, name: str) -> bool:
        """Whether there is a sentence of this name."""
        return name in WORDS

    def or_key(self, name: str, key: str) -> str:
        """The sentence of a name, or the key itself where there is none."""
        return self(name) if name in WORDS else key

    def text(self, text: Any, otherwise: str = "") -> str:
        """A Text of a ruleset in this language: a string, or an object by language."""
        if isinstance(text, Mapping):
            found = text.get(self.language) or next(iter(text.values()), otherwise)
            return str(found)
        return text if isinstance(text, str) and text else otherwise


_SPEAKERS = {language: Speaker(language) for language in LANGUAGES}


def speaker(language: str) -> Speaker:
    """Who speaks a language."""
    return _SPEAKERS[language]
