"""The sentences of every stage, by name: `code` or `code/variant`, each in English and Chinese."""

from service.language.phrases.documents import DOCUMENTS
from service.language.phrases.phrase import Phrase
from service.language.phrases.proofs import PROOFS
from service.language.phrases.rules import RULES
from service.language.phrases.tags import TAGS

PHRASES: dict[str, Phrase] = {**DOCUMENTS, **RULES, **TAGS, **PROOFS}
