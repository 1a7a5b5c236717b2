"""Publishing: versions never change, and nothing with an error becomes one."""

import json

import pytest

from service.audit.rows import VersionRow
from service.errors import NotFound, RulesetRejected
from service.operations.programs import compile_version
from service.operations.publish import publish_ruleset
from service.operations.rulesets import list_rulesets, list_versions, read_ruleset, read_version
from tests.small import CALLER, KEY, RULESET, changed


def publish(service, document):
    """Publish a document."""
    return publish_ruleset(service, json.dumps(document), "a comment", CALLER)


def test_what_is_active_already_is_not_published_again(service):
    """The same content is the same version, however it is written."""
    again = publish_ruleset(service, json.dumps(RULESET, indent=4, sort_keys=True), "again", CALLER)
    assert (again.version, again.is_new) == (1, False)


def test_a_version_is_numbered_and_active_at_once(service):
    """Each publish makes the next number, and what was before stays readable."""
    second = publish(service, changed(title="Second"))
    back = publish(service, RULESET)
    assert (second.version, back.version) == (2, 3)
    assert service.programs.active(KEY).version == 3
    assert read_version(service, KEY, 2)["digest"] == second.digest
    assert read_version(service, KEY, 1)["digest"] == back.digest


@pytest.mark.parametrize(
    "document",
    [
        changed(tags=[{"key": "regular", "when": "visit >= 3"}]),
        changed(examples=[{"steps": [{"at": "2026-01-01T00:00:00Z", "expect": {"stage": "active"}}]}]),
        {"format": 1},
        [],
    ],
)
def test_a_ruleset_with_errors_is_refused(service, document):
    """A mistake, a failing example included, keeps a ruleset from becoming active; all findings are told."""
    with pytest.raises(RulesetRejected) as refused:
        publish(service, document)
    assert refused.value.diagnostics
    assert service.programs.active(KEY).version == 1


def test_versions_are_listed_newest_first(service):
    """A long history is read page by page."""
    for number in range(2, 6):
        publish(service, changed(title=f"Title {number}"))
    first, following = list_versions(service, KEY, 1 << 31, 3)
    second, end = list_versions(service, KEY, following, 3)
    assert [one["version"] for one in first + second] == [5, 4, 3, 2, 1]
    assert end is None
    assert (first[0]["comment"], first[0]["author"]) == ("a comment", "key1")


def test_rulesets_are_listed_by_key(service):
    """Every ruleset's active version is in the list once."""
    publish(service, changed(key="other"))
    publish(service, changed(key="another"))
    first, following = list_rulesets(service, "", 2)
    second, end = list_rulesets(service, following, 2)
    assert [one["key"] for one in first + second] == ["another", "other", "small"]
    assert end is None
    assert first[0]["title"] == {"en": "Small", "zh": "小"}


def test_what_was_never_published_is_not_found(service):
    """A mistyped key or number is told."""
    for look in (
        lambda: read_ruleset(service, "nothing"),
        lambda: read_version(service, KEY, 9),
        lambda: list_versions(service, "nothing", 1 << 31, 10),
        lambda: service.programs.active("nothing"),
        lambda: service.programs.published(KEY, 9),
    ):
        with pytest.raises(NotFound):
            look()


def test_a_published_version_that_does_not_compile_is_a_bug(service):
    """A stored version was checked before; if it does not compile any more, nobody goes on with less."""
    row = service.store.read(lambda reads: reads.version(KEY, 1))
    assert isinstance(row, VersionRow)
    with pytest.raises(RuntimeError):
        compile_version(row._replace(document="{}"))
