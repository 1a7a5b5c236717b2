"""Every sentence a stage can say to an author, in English and Chinese, by a name; each belongs to one code.

In: a sentence's name, a pointer and the facts that fill its blanks. Out: a `Diagnostic`.
Wording: lower case, no final period, what was expected then what was found, the author's text in backticks,
the remedy in help.
"""

from service.language.diagnostics import Diagnostic, Severity
from service.language.phrases import PHRASES

HINTS = frozenset(
    {
        "whole-days",
        "order-decides",
        "stays-when-unknown",
        "missing-title",
        "tag-without-owner",
        "tag-without-expiry",
        "look-alike-tags",
        "overlapping-tags",
        "uncovered-group",
    }
)
WARNINGS = frozenset(
    {
        "naming-pattern",
        "tag-budget",
        "tag-without-purpose",
        "unused-attribute",
        "untested-rule",
        "unreachable-stage",
        "stage-without-exit",
        "shadowed-transition",
        "shadowed-tag",
        "never-true",
        "always-true",
        "oscillation",
        "unreachable-band",
        "since-without-guard",
    }
)


def severity_of(code: str) -> Severity:
    """How much a code weighs; a code that is no hint and no warning is an error."""
    if code in HINTS:
        return Severity.HINT
    return Severity.WARNING if code in WARNINGS else Severity.ERROR


def say(
    sentence: str, pointer: str, *, span: tuple[int, int] | None = None, help: str | None = None, **facts: object
) -> Diagnostic:
    """The diagnostic for one sentence.

    `sentence` is a key of `PHRASES` (`code` or `code/variant`); its help is used unless `help` names another phrase
    (`help/...`), whose blanks are filled from the same facts.
    """
    phrase = PHRASES[sentence]
    advice = PHRASES[help].message if help else phrase.help
    code = sentence.partition("/")[0]
    return Diagnostic(
        code=code,
        severity=severity_of(code),
        pointer=pointer,
        message={language: text.format(**facts) for language, text in phrase.message.items()},
        help=advice and {language: text.format(**facts) for language, text in advice.items()},
        span=span,
    )
