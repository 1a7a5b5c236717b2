"""Signing in and out, and what a browser remembers: its language and its theme."""

from urllib.parse import urlsplit

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.texts import LANGUAGES
from service.errors import Unauthenticated
from service.operations.sessions import sign_in, sign_in_key, sign_out

HOME = "/console/"
THEMES = ("auto", "light", "dark")


def show_sign_in(visit: Visit) -> Reaction:
    """The form to sign in with a name and password, or an API key."""
    return _form(visit)


def act_sign_in(visit: Visit) -> Reaction:
    """Begin a session, and go where the visitor wanted to."""
    form = visit.form
    key = form.get("key", "").strip()
    try:
        if key:
            token = sign_in_key(visit.service, key, visit.request_id)
        else:
            token = sign_in(visit.service, form.get("name", "").strip(), form.get("password", ""), visit.request_id)
    except Unauthenticated:
        return _form(visit, wrong="wrong_key" if key else "wrong")
    return Moved(own_path(form.get("then")), token=token)


def act_sign_out(visit: Visit) -> Reaction:
    """End the session."""
    if visit.signed is not None:
        sign_out(visit.service, visit.signed)
    return Moved("/console/sign-in", "signed.out", token="")


def act_preferences(visit: Visit) -> Reaction:
    """Remember a language or a theme; works for strangers too."""
    known = {"language": LANGUAGES, "theme": THEMES}
    chosen = {name: visit.form[name] for name, values in known.items() if visit.form.get(name) in values}
    return Moved(own_path(visit.form.get("then")), remember=chosen)


def own_path(text: str | None) -> str:
    """A path of the console that a form names; its first page for anything else, so that nobody is led astray."""
    parts = urlsplit(text or "")
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(HOME) and "\\" not in (text or "")
    return text if is_own and text else HOME


def _form(visit: Visit, wrong: str = "") -> Shown:
    then = own_path(visit.query.get("then") or visit.form.get("then"))
    status = 401 if wrong else 200
    return Shown("sign_in.html", {"wrong": wrong, "then": then, "name": visit.form.get("name", "")}, status)
