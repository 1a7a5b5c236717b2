"""Who gets in, what a session is worth, and what a form from elsewhere is worth."""

import re

import pytest

from service.audit.find_rows import Sought
from service.console.signing import own_path
from service.operations.auditing.trail import list_audit_events
from service.operations.sessions import IDLE, LOCKED, LONGEST, MINUTE, MOST_FAILURES
from tests.console.visitor import PASSWORD, Visitor, add_user


@pytest.fixture
def ada(service, app):
    """Somebody who is signed in and may do everything but audit."""
    add_user(service, "ada", "admin", "editor", "publisher")
    return Visitor(app, "ada")


def test_a_name_and_its_password_let_in(ada):
    """Who signs in sees the first page, and is named there."""
    assert "ada" in ada.see("/console/")
    assert ada.page.status_code == 200


def test_strangers_are_asked_who_they_are(app):
    """A page leads to the sign-in, and from there back to the page."""
    stranger = Visitor(app)

    found = stranger.http.get("/console/people?x=1")

    assert found.status_code == 303
    assert found.headers["Location"] == "/console/sign-in?then=%2Fconsole%2Fpeople%3Fx%3D1"


def test_the_door_leads_to_the_console(app):
    """The service's own address leads a browser to the console."""
    assert app.test_client().get("/").headers["Location"] == "/console/"


@pytest.mark.parametrize("name", ["ada", "nobody", "", "a" * 300])
def test_what_is_wrong_is_told_in_the_same_words(service, app, name):
    """A wrong name and a wrong password can't be told apart."""
    add_user(service, "ada", "editor")

    text = Visitor(app).send("/console/sign-in", name=name, password="wrong" + PASSWORD)

    assert "The name or the password is not right" in text


def test_many_wrong_passwords_lock_a_name_for_a_while(service, app, clock):
    """After too many wrong tries the right password does not help either, until the time is over."""
    add_user(service, "ada", "editor")
    visitor = Visitor(app)
    for _ in range(MOST_FAILURES):
        visitor.send("/console/sign-in", name="ada", password="wrong" + PASSWORD)

    assert "not right" in visitor.send("/console/sign-in", name="ada", password=PASSWORD)
    clock.at += LOCKED + 1
    assert "Overview" in visitor.send("/console/sign-in", name="ada", password=PASSWORD)


@pytest.mark.parametrize(("waits", "lasts"), [(IDLE - MINUTE, True), (IDLE + MINUTE, False)])
def test_an_idle_session_ends(ada, clock, waits, lasts):
    """A session that nobody uses ends by itself."""
    clock.at += waits

    assert ("Sign in" not in ada.see("/console/")) == lasts


def test_a_busy_session_ends_too(ada, clock):
    """However busy, a session ends once it is old."""
    for _ in range(LONGEST // IDLE + 2):
        clock.at += IDLE - MINUTE
        ada.see("/console/")

    assert "Sign in" in ada.see("/console/")


def test_signing_out_ends_the_session_on_the_server(ada):
    """A token that was copied before is worth nothing after signing out."""
    copied = ada.http.get_cookie("tw_session", path="/console").value
    ada.send("/console/sign-out")
    ada.http.set_cookie("tw_session", copied, path="/console")

    assert "Sign in" in ada.see("/console/")


def test_an_api_key_lets_in_with_its_roles(app, key_for):
    """A key signs in a browser, which then may do what the key may."""
    visitor = Visitor(app)
    key = key_for("auditor")["Authorization"].removeprefix("Bearer ")

    assert "Overview" in visitor.send("/console/sign-in", key=key)
    assert visitor.http.get("/console/people").status_code == 403


def test_a_changed_user_is_signed_out_everywhere(service, app, ada):
    """New roles or a new password end the sessions that had the old ones."""
    add_user(service, "bob", "editor")
    bob = Visitor(app, "bob")

    ada.send("/console/people", do="change", name="bob", roles="auditor")

    assert "Sign in" in bob.see("/console/")
    assert "Overview" in bob.send("/console/sign-in", name="bob", password=PASSWORD)


def test_a_disabled_user_stays_outside(service, app, ada):
    """Who is disabled can't sign in until enabled again."""
    add_user(service, "bob", "editor")
    ada.send("/console/people", do="disable", name="bob")

    assert "not right" in Visitor(app).send("/console/sign-in", name="bob", password=PASSWORD)
    ada.send("/console/people", do="enable", name="bob")
    assert "Overview" in Visitor(app).send("/console/sign-in", name="bob", password=PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"csrf": "x" * 43}},
        {"data": {}},
        {"headers": {"Origin": "http://elsewhere.example"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ],
)
def test_a_form_from_elsewhere_does_nothing(ada, change):
    """A form without the session's token, or sent by another site's page, is refused."""
    token = re.search(r'name="csrf" content="([^"]+)"', ada.see("/console/people"))[1]
    form = {"csrf": token, "do": "add", "name": "mallory", "password": PASSWORD, "roles": "admin"}
    data = change["data"] and {**form, **change["data"]} if "data" in change else form

    reply = ada.http.post("/console/people", data=data, headers=change.get("headers", {}))

    assert reply.status_code == 403
    assert "mallory" not in ada.see("/console/people")


@pytest.mark.parametrize(
    "text",
    ["https://elsewhere.example/", "//elsewhere.example", "/v1/keys", "javascript:alert(1)", "/console\\@x", None],
)
def test_nobody_is_led_astray(text):
    """Only a path of the console is gone to after signing in."""
    assert own_path(text) == "/console/"


def test_language_and_theme_are_remembered(app):
    """A browser that chose a language and a theme gets them on every page, signed in or not."""
    visitor = Visitor(app)
    visitor.send("/console/preferences", language="zh", theme="dark", then="/console/sign-in")

    text = visitor.see("/console/sign-in")

    assert 'lang="zh-CN"' in text
    assert 'data-theme="dark"' in text
    assert "登录" in text


def test_a_browser_is_answered_in_its_language(app):
    """Without a choice the browser's own language decides."""
    assert "登录" in Visitor(app).see("/console/sign-in", **{"Accept-Language": "zh-TW,zh;q=0.9"})


def test_the_log_says_who_came_and_who_was_refused(service, app):
    """Each sign-in, refusal and sign-out is in the audit events; a stranger's name is not."""
    add_user(service, "ada", "editor")
    Visitor(app).send("/console/sign-in", name="my-secret-password", password="x" * 12)
    Visitor(app, "ada").send("/console/sign-out")

    actions = [one["action"] for one in audit_events(service)]

    assert actions[-3:] == ["session.refused", "session.begun", "session.ended"]
    assert all("my-secret-password" not in str(row) for row in audit_events(service))


def audit_events(service):
    """All audit events, oldest first."""
    return list_audit_events(service, Sought({}), None, 1000)[0][::-1]
