"""What holds for every page: who sees it, what the browser may load, and what it says when something goes wrong."""

import re

import pytest

from service.console.pages import MENU, PAGES
from service.console.web import POLICY
from service.operations.keys import ROLES
from tests.console.visitor import Visitor, add_user
from tests.small import KEY

PATHS = {
    "key": KEY,
    "version": "1",
    "section": "tags",
    "entry": "regular",
    "profile_id*": "u-1",
    "evaluation_id": "e",
    "subscription_id": "s",
    "job_id": "j",
    "size": "0",
    "report": "stages",
}


def address(page):
    """A path that fits a page."""
    return "/console" + re.sub(r"{([^}]+)}", lambda match: PATHS[match[1]], page.path)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_lets_in_whom_it_should(service, app, role):
    """A page, and each of its forms, can be used with its roles and with no other."""
    add_user(service, "ada", role)
    visitor = Visitor(app, "ada")
    token = re.search(r'name="csrf" content="([^"]+)"', visitor.see("/console/"))[1]
    for page in PAGES:
        if page.name == "sign_out":
            continue
        seen = visitor.http.get(address(page)).status_code
        assert (seen != 403) == (page.roles is None or role in page.roles), page.name
        assert seen != 500, page.name
        roles = page.act_roles or page.roles
        if page.act is not None:
            done = visitor.http.post(address(page), data={"csrf": token}).status_code
            assert (done != 403) == (roles is None or role in roles), page.name


def test_the_menu_shows_what_may_be_opened(service, app):
    """Nobody is offered a page that would refuse them."""
    by_name = {page.name: page for page in PAGES}
    for _, name, _, roles in MENU:
        assert roles is None or roles == by_name[name].roles


def test_nothing_is_loaded_from_elsewhere(service, app):
    """Every answer forbids whatever is not a file of the service, also scripts and styles inside a page."""
    add_user(service, "ada", *ROLES)
    visitor = Visitor(app, "ada")
    for page in PAGES:
        reply = visitor.http.get(address(page))
        assert reply.headers["Content-Security-Policy"] == POLICY
        assert "unsafe" not in POLICY
        text = reply.text
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|(src|href)=\"(https?:)?//", text), (
            page.name
        )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_there_is_said_kindly(app, language):
    """An address that leads nowhere gives a page in the visitor's language with the number of the request."""
    reply = app.test_client().get("/console/nowhere", headers={"Accept-Language": language})

    assert reply.status_code == 404
    assert {"en": "Not found", "zh": "未找到"}[language] in reply.text
    assert reply.headers["X-Request-Id"] in reply.text


def test_the_files_of_the_pages_are_served(app):
    """The style, the scripts and the icon are there, with a type that browsers take."""
    http = app.test_client()
    for name, kind in (("console.css", "text/css"), ("console.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        with http.get(f"/console/static/{name}") as reply:
            assert reply.status_code == 200
            assert reply.mimetype == kind
            assert reply.data
