"""What an editor does at the console: every act begins from the revision that was seen, and nothing is lost."""

import re
from html import unescape

import pytest

from service.language.document import read_document
from service.language.pretty import pretty_text
from tests.console.visitor import Visitor, add_user
from tests.small import KEY, asking, changed

HERE = f"/console/rulesets/{KEY}/edit"


@pytest.fixture
def ada(service, app):
    """An editor."""
    add_user(service, "ada", "editor")
    return Visitor(app, "ada")


@pytest.fixture
def bob(service, app):
    """Another editor."""
    add_user(service, "bob", "editor")
    return Visitor(app, "bob")


def draft_of(service):
    """The document of the draft."""
    row = service.store.read(lambda reads: reads.governance.draft(KEY))
    return None if row is None else read_document(row.document)[0]


def form_of(visitor, path):
    """The fields of a page's own form, as a browser would send them."""
    text = visitor.see(path)
    form = re.search(r'<form id="entry".*?</form>', text, re.DOTALL)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if facts.get("type") != "checkbox" or " checked" in tag:
            fields.setdefault(unescape(facts["name"]), []).append(unescape(facts.get("value", "")))
    for name, inner in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = (
            re.findall(r'<option value="([^"]*)"[^>]* selected', inner)
            or re.findall(r'<option value="([^"]*)"', inner)[:1]
        )
        fields.setdefault(unescape(name), []).extend(map(unescape, chosen))
    for name, inner in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields.setdefault(unescape(name), []).append(unescape(inner))
    return fields


def send(visitor, path, fields, **more):
    """Send a form again, some of its fields changed; the text that follows."""
    headers = more.pop("headers", {})
    visitor.page = visitor.http.post(path, data={**fields, **more}, headers=headers, follow_redirects=True)
    return unescape(visitor.page.text)


def etag(visitor, path=HERE):
    """The stamp that a page's forms carry."""
    found = re.search(r'name="etag" value="([^"]*)"', visitor.see(path))
    return found[1] if found else ""


def test_a_first_change_begins_a_draft(ada, service):
    """Whoever changes a rule of the version in force works on a draft from then on, and sees what it changes."""
    fields = form_of(ada, f"{HERE}/tags/regular")

    text = send(ada, f"{HERE}/tags/regular", fields, **{"when:r.0:value": "5"})

    assert "Saved." in text
    assert draft_of(service)["tags"][0] == {"key": "regular", "when": "visits >= 5"}
    assert "now needs" in unescape(ada.see(f"{HERE}/tags/regular"))
    assert "at least 5 instead of 3" in unescape(ada.see(HERE)) or "visits >= 5" in unescape(ada.see(HERE))


def test_a_form_that_nobody_touched_saves_nothing(ada, service):
    """To look at a construct and press save begins no draft."""
    for path in ("tags/regular", "values/cap", "scores/activity", "tiers/band", "transitions/wakes", "actions/thank"):
        send(ada, f"{HERE}/{path}", form_of(ada, f"{HERE}/{path}"))
    for path in ("ruleset", "lifecycle", "attributes/plan", "events/hello", "stages/new"):
        send(ada, f"{HERE}/{path}", form_of(ada, f"{HERE}/{path}"))

    assert draft_of(service) is None


def test_rows_are_built_without_scripts(ada, service):
    """Buttons add and drop rows; a row that is not complete waits in the form, and the rule stays as it is."""
    fields = form_of(ada, f"{HERE}/tags/regular")
    text = send(ada, f"{HERE}/tags/regular", fields, do="row|when|r")
    assert 'name="when:r.1:subject"' in text
    assert draft_of(service) is None

    row = {"subject": "plan", "was": " ", "operator": "==", "widget": "choice", "value": "paid"}
    text = send(ada, f"{HERE}/tags/regular", fields, **{f"when:r.1:{name}": value for name, value in row.items()})
    assert draft_of(service)["tags"][0]["when"] == "visits >= 3 and plan == 'paid'"

    fields = form_of(ada, f"{HERE}/tags/regular")
    send(ada, f"{HERE}/tags/regular", fields, do="drop|when|r.0")
    assert draft_of(service)["tags"][0]["when"] == "plan == 'paid'"
    assert 'name="when" rows' in send(ada, f"{HERE}/tags/regular", form_of(ada, f"{HERE}/tags/regular"), do="text|when")


def test_lists_grow_and_shrink(ada, service):
    """A band is added behind the others and taken away again, each by a button."""
    there = f"{HERE}/tiers/band"
    send(ada, there, form_of(ada, there), do="add|bands")
    assert draft_of(service)["tiers"][0]["bands"][2] == {}

    send(ada, there, form_of(ada, there), **{"bands/2/key": "top", "bands/2/from": "80"})
    assert draft_of(service)["tiers"][0]["bands"][2] == {"key": "top", "from": 80}

    send(ada, there, form_of(ada, there), do="remove|bands/2")
    assert len(draft_of(service)["tiers"][0]["bands"]) == 2


def test_scripts_save_as_people_type(ada, service):
    """A script is told the new stamp, and a stale one is told that somebody else was faster."""
    fields = form_of(ada, f"{HERE}/tags/regular")
    script = {"X-Fragment": "1"}

    send(ada, f"{HERE}/tags/regular", fields, **{"title:en": "Often here", "headers": script})
    assert ada.page.status_code == 200
    assert ada.page.headers["ETag"].strip('"') == etag(ada)

    send(ada, f"{HERE}/tags/regular", fields, **{"title:en": "Very often here", "headers": script})
    assert ada.page.status_code == 409
    assert "Somebody" in ada.page.headers["X-Told"]
    assert draft_of(service)["tags"][0]["title"] == {"en": "Often here"}


def test_who_comes_second_keeps_both(ada, bob, service):
    """Two people change two tags of one draft: the second sees both changes and keeps both."""
    theirs, mine = form_of(bob, f"{HERE}/tags/stale"), form_of(ada, f"{HERE}/tags/regular")
    send(bob, f"{HERE}/tags/stale", theirs, owner="bob's desk")

    text = send(ada, f"{HERE}/tags/regular", mine, owner="ada's desk")
    assert "Somebody else saved first" in text
    assert "bob's desk" in text
    assert "ada's desk" in text

    hidden = {
        name: unescape(value)
        for name, value in re.findall(r'<textarea name="(base|yours)"[^>]*>(.*?)</textarea>', ada.page.text, re.DOTALL)
    }
    token = re.search(r'name="etag" value="([^"]*)"', ada.page.text)[1]
    ada.send(f"{HERE}/both", etag=token, keep="tags:regular", **hidden)
    assert [one.get("owner") for one in draft_of(service)["tags"][:2]] == ["ada's desk", "bob's desk"]


def test_an_entry_comes_moves_and_goes(ada, service):
    """Tags are added by title, copied, moved and deleted; one that is in use is not deleted without saying so."""
    ada.send(f"{HERE}/tags", do="add", en="Big Spender", etag="")
    assert draft_of(service)["tags"][-1] == {"key": "big_spender", "title": {"en": "Big Spender"}}
    ada.send(f"{HERE}/tags", do="up|big_spender", etag=etag(ada))
    assert draft_of(service)["tags"][-2]["key"] == "big_spender"
    ada.send(f"{HERE}/tags", do="duplicate|big_spender", etag=etag(ada))
    assert draft_of(service)["tags"][-2]["key"] == "big_spender_copy"
    ada.send(f"{HERE}/tags", do="delete|big_spender_copy", etag=etag(ada))
    assert [one["key"] for one in draft_of(service)["tags"]].count("big_spender_copy") == 0

    text = ada.send(f"{HERE}/tags", do="delete|regular", etag=etag(ada))
    assert "Delete anyway" in text
    assert draft_of(service)["tags"][0]["key"] == "regular"
    ada.send(f"{HERE}/tags", do="delete|regular", sure="yes", etag=etag(ada))
    assert draft_of(service)["tags"][0]["key"] == "stale"


@pytest.mark.parametrize(("key", "said"), [("Bad Key", "expected a to z"), ("stale", "is taken")])
def test_a_key_is_looked_at_before_it_is_taken(ada, service, key, said):
    """A key that is none, or is taken, is refused with the reason."""
    assert said in ada.send(f"{HERE}/tags", do="add", key=key, etag="")
    assert said in ada.send(f"{HERE}/tags/regular", do="rename", key=key, etag="")
    assert draft_of(service) is None


def test_a_renamed_tag_takes_its_references_along(ada, service):
    """Whoever names a tag otherwise breaks nothing: rules and actions follow, and the former key leads there."""
    ada.send(f"{HERE}/tags/regular", do="rename", key="often", etag="")

    draft = draft_of(service)
    assert draft["tags"][0] == {"key": "often", "when": "visits >= 3", "aliases": ["regular"]}
    assert draft["values"][0]["cases"][0]["when"] == "tag.often"
    assert draft["actions"][0]["on"] == [{"tag": "often"}]


def test_two_tags_become_one(ada, service):
    """Tags are merged by a form; what can't be merged is said there."""
    assert "expected another tag" in ada.send(f"{HERE}/tags", do="merge", keep="regular", drop="regular", etag="")
    ada.send(f"{HERE}/tags", do="merge", keep="regular", drop="keen", when="either", etag="")

    tag = draft_of(service)["tags"][0]
    assert tag["aliases"] == ["keen"]
    assert "rate > 0.5" in tag["when"]


def test_the_draft_can_be_written_as_text(ada, service):
    """The whole draft is saved as it was written; what is no JSON is refused with its line, and kept in the page."""
    ada.send(f"{HERE}/json", document='{"key": "small",\r\n "tags": []}', etag="")
    assert draft_of(service) == {"key": "small", "tags": []}

    text = ada.send(f"{HERE}/json", document='{"key": "small",\n oh no', etag=etag(ada))
    assert "line 2" in text
    assert "oh no" in text
    assert ada.page.status_code == 422


def test_history_brings_anything_back(ada, service):
    """Each save is told in sentences; an older one can be brought back, which is a save of its own."""
    for value in ("5", "7"):
        send(ada, f"{HERE}/tags/regular", form_of(ada, f"{HERE}/tags/regular"), **{"when:r.0:value": value})
    text = unescape(ada.see(f"{HERE}/history"))
    assert "7" in text
    assert "ada" in text

    ada.send(f"{HERE}/history", revision="1", etag=etag(ada))
    assert draft_of(service)["tags"][0]["when"] == "visits >= 5"
    assert "Bring back" in ada.see(f"{HERE}/history")


def test_a_draft_begins_is_submitted_and_discarded(ada, service):
    """A draft begins like the version in force; one with errors is not submitted, and says what to mend."""
    ada.send(HERE, do="start")
    assert draft_of(service)["tags"] == changed()["tags"]
    assert "Submitted" in ada.send(HERE, do="submit", etag=etag(ada))

    fields = form_of(ada, f"{HERE}/tags/regular")
    send(ada, f"{HERE}/tags/regular", fields, **{"when:view": "text", "when": "visit >= 3"})
    text = ada.send(HERE, do="submit", etag=etag(ada))
    assert "must be mended" in text
    assert "did you mean `visits`?" in text
    ada.send(HERE, do="discard", etag=etag(ada))
    assert draft_of(service) is None


def test_a_suggested_fix_is_one_press_away(ada, service):
    """A misspelled name is mended by the button beside it."""
    fields = form_of(ada, f"{HERE}/tags/regular")
    send(ada, f"{HERE}/tags/regular", fields, **{"when:view": "text", "when": "visit >= 3 and vip"})
    text = unescape(ada.see(f"{HERE}/tags/regular?check=1"))
    number = re.search(r'value="fix\|(\d+)"', text)[1]

    send(ada, f"{HERE}/tags/regular", form_of(ada, f"{HERE}/tags/regular"), do=f"fix|{number}")

    assert draft_of(service)["tags"][0]["when"] == "visits >= 3 and vip"


def test_failing_examples_follow_when_told_to(ada, service):
    """Examples that expect something else are changed to what comes out now, when an editor says so, and not before."""
    step = {"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 4}}
    expect = {
        "stage": "active",
        "tags": {"has": ["regular"], "lacks": ["stale"]},
        "values": {"cap": 8},
        "actions": ["thank"],
    }
    document = changed(
        examples=[{"title": "comes often", "steps": [{**step, "expect": expect}]}],
        tags=[{"key": "regular", "when": "visits >= 9"}, *changed()["tags"][1:]],
    )
    ada.send(f"{HERE}/json", document=pretty_text(document), etag="")
    assert "Expect what comes out now" in ada.see(f"{HERE}?check=1")

    ada.send(f"{HERE}/proposals", do="accept", etag=etag(ada))

    assert draft_of(service)["examples"][0]["steps"][0]["expect"] == {
        "stage": "active",
        "tags": {"lacks": ["stale", "regular"]},
        "values": {"cap": 1},
        "actions": [],
    }


def test_examples_at_a_boundary_are_added(ada, service):
    """Who asks for a rule's boundary is shown timelines around it, and adds the ones that say what is meant."""
    text = ada.see(f"{HERE}/proposals?rule=tags/regular")
    ids = re.findall(r'name="id" value="([^"]+)"', text)

    ada.send(f"{HERE}/proposals", id=unescape(ids[0]), rule="tags/regular", etag=etag(ada))

    assert len(draft_of(service)["examples"]) == 1


def test_the_effect_is_shown_for_stored_profiles(ada, service, http, evaluator):
    """Beside the form stands who would gain and lose the tag, of the profiles that are stored now."""
    for name, visits in (("u-1", 3), ("u-2", 9), ("u-3", 0)):
        assert (
            http.post(f"/v1/rulesets/{KEY}/evaluate", json=asking(name, visits=visits), headers=evaluator).status_code
            == 200
        )
    send(ada, f"{HERE}/tags/regular", form_of(ada, f"{HERE}/tags/regular"), **{"when:r.0:value": "5"})

    text = re.sub(r"\s+", " ", ada.see(f"{HERE}/impact?of=tag/regular", **{"X-Fragment": "1"}))

    assert "1 of all 3" in text
    assert "0 gain it" in text
    assert "1 lose it" in text


def test_a_new_ruleset_begins_empty_or_like_another(ada, service):
    """A ruleset begins as a draft under a key of its own; a key that is taken is refused."""
    ada.send("/console/new-ruleset", key="mine", en="Mine", like="")
    ada.send("/console/new-ruleset", key="fans", like="telegram-lifecycle")

    drafts = {
        row.ruleset: read_document(row.document)[0]
        for row in service.store.read(lambda reads: reads.governance.drafts())
    }
    assert drafts["mine"] == {"format": 1, "key": "mine", "title": {"en": "Mine"}, "attributes": []}
    assert len(drafts["fans"]["tags"]) > 5
    assert "is taken" in ada.send("/console/new-ruleset", key=KEY)
    assert "Mine" in ada.see("/console/rulesets/mine/edit")


def test_names_to_complete_are_told_with_their_titles(ada):
    """A script gets every name that an expression may use, and the functions."""
    ada.see(f"{HERE}/names")
    found = {one["text"] for one in ada.page.json}

    assert {"visits", "score.activity", "tier.band", "tag.regular", "stage", "since.tag.stale", "days_since("} <= found


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        '{"key": "small", "tags": 3}',
        '{"key": "small", "tags": [null, 5, {"key": 7}, {"key": "a/b"}], "lifecycle": []}',
    ],
)
def test_any_draft_can_be_opened(ada, document):
    """However unfinished a draft is, every page of the editor opens."""
    if document != "{}":
        ada.send(f"{HERE}/json", document=document, etag="")
    for path in (
        "",
        "?check=1",
        "/tags",
        "/lifecycle",
        "/ruleset",
        "/stages",
        "/history",
        "/json",
        "/impact",
        "/tags/~1",
        "/tags/~2",
        "?q=a",
    ):
        ada.see(HERE + path)
        assert ada.page.status_code in (200, 404), path


def test_what_is_not_there_is_not_found(ada):
    """An entry or a section that is not there is a page that says so."""
    for path in ("tags/nobody", "tags/~99", "surprises", "surprises/x"):
        ada.see(f"{HERE}/{path}")
        assert ada.page.status_code == 404


def test_only_editors_change_a_draft(service, app):
    """Who may not edit sees the same forms without any way to send them."""
    add_user(service, "eve", "auditor")
    eve = Visitor(app, "eve")

    text = eve.see(f"{HERE}/tags/regular")

    assert "disabled" in text
    assert 'class="primary"' not in text
    assert eve.http.post(f"{HERE}/tags/regular", data={}).status_code == 403


@pytest.mark.parametrize(
    "do",
    [
        "add|nowhere/3",
        "remove|tags",
        "up|when/x",
        "fix|x",
        "fix|99",
        "row|when",
        "drop|when|r",
        "drop|when|r.9.9",
        "odd",
        "add",
    ],
)
def test_a_button_that_no_page_has_changes_nothing(ada, service, do):
    """Whatever a form is made to say, the draft stays as it was and nothing breaks."""
    ada.page = None
    send(ada, f"{HERE}/tags/regular", form_of(ada, f"{HERE}/tags/regular"), do=do)

    assert ada.page.status_code in (200, 404)
    assert draft_of(service) is None
