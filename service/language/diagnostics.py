"""What an author got wrong, as values: code, severity, place, message and help, in English and Chinese.

Data only. The sentences themselves stand in `sentences`. A diagnostic never raises: all of them are returned together.
Source: docs/language.md, "Checks".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Words = Mapping[str, str]
"""One sentence by language: always `en` and `zh`."""


class Severity(StrEnum):
    """How much a diagnostic weighs: an error blocks publishing, a warning must be acknowledged, a hint is advice."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `pointer` is an RFC 6901 JSON pointer into the document (empty for the whole).
    `span` is a half-open pair of character offsets inside the text at `pointer` (an expression,
    or for `not-json` the document).
    """

    code: str
    severity: Severity
    pointer: str
    message: Words
    help: Words | None = None
    span: tuple[int, int] | None = None

    def to_json(self, language: str = "en") -> dict[str, object]:
        """The diagnostic in one language, with every member that is set."""
        found: dict[str, object] = {
            "code": self.code,
            "severity": str(self.severity),
            "pointer": self.pointer,
            "message": self.message.get(language, self.message["en"]),
        }
        if self.span is not None:
            found["span"] = list(self.span)
        if self.help is not None:
            found["help"] = self.help.get(language, self.help["en"])
        return found


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of the diagnostics blocks publishing."""
    return any(one.severity is Severity.ERROR for one in diagnostics)


def step(pointer: str, part: str | int) -> str:
    """The pointer one step further: `~` and `/` in `part` escaped (RFC 6901, section 3)."""
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"
