"""The sentences of every stage, by name: `code` or `code/variant`, each in English and Chinese."""

from service.language.phrases.documents import DOCUMENTS
from service.language.phrases.phrase import Phrase
from service.language.phrases.rules import RULES

PHRASES: dict[str, Phrase] = {**DOCUMENTS, **RULES}
