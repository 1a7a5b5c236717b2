"""Whatever a user can meet or set is documented, and nothing that is documented has gone."""

import json
import os
import re

import pytest

from service.config import SETTINGS
from service.language.phrases import PHRASES
from tests.architecture.sources import ROOT, prose_files

CODES = sorted({name.partition("/")[0] for name in PHRASES} - {"help"})
CASES = ROOT / "tests" / "cases" / "rulesets"
FINDINGS = ROOT / "tests" / "cases" / "findings"


def words_in(path: str) -> str:
    """The text of a document."""
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_in_the_language_reference(code):
    """Whoever meets a diagnostic can look its code up."""
    assert f"`{code}`" in words_in("docs/language.md")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_case(code):
    """Each code is shown by at least one ruleset that has the mistake."""
    shown = {one["code"] for file in CASES.glob("*/diagnostics.json") for one in json.loads(file.read_text("utf-8"))}
    proofs = [json.loads(file.read_text("utf-8")) for file in FINDINGS.glob("*/expected.json")]
    assert code in shown | {one["code"] for proof in proofs for one in proof["findings"]}


def test_settings_and_their_documentation_agree():
    """Every setting is in the operations guide, with no setting there that does not exist."""
    assert set(re.findall(r"TAGWRIGHT_[A-Z_]+", words_in("docs/operations.md"))) == set(SETTINGS)


def test_the_readme_commands_are_there():
    """The README's two commands exist and can be run."""
    readme = words_in("README.md")
    for command in ("scripts/demo", "scripts/test"):
        assert f"\n{command}\n" in readme
        assert os.access(ROOT / command, os.X_OK)


@pytest.mark.parametrize("file", prose_files(), ids=lambda file: file.name)
def test_links_lead_somewhere(file):
    """A link from one document to a file of the repository finds it."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (file.parent / target).exists()]
