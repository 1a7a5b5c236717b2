"""Signing in and out, and what a browser remembers: its language and its theme."""

from hmac import compare_digest
from urllib.parse import urlsplit

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.texts import LANGUAGES
from service.errors import NotFound, Unauthenticated
from service.operations.identity import Handshake, IdentityProvider, read_handshake
from service.operations.sessions import refuse_subject, sign_in, sign_in_key, sign_in_subject, sign_out

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


def show_provider(visit: Visit) -> Reaction:
    """Send the browser to the identity provider."""
    provider, secret = _provider(visit), visit.service.ids.secret
    handshake = Handshake(secret(), secret(), secret(), own_path(visit.query.get("then")))
    try:
        return Moved(provider.begin(handshake, _back_to(visit)), handshake=handshake.text())
    except Unauthenticated as refused:
        return _form(visit, wrong="by_provider_failed", detail=refused.detail)


def show_back(visit: Visit) -> Reaction:
    """Begin a session for whom the provider vouches; each attempt counts once."""
    provider, handshake = _provider(visit), read_handshake(visit.handshake)
    try:
        _check_state(visit, handshake)
        assert handshake is not None
        subject = provider.finish(_code(visit), handshake, _back_to(visit))
    except Unauthenticated as refused:
        refuse_subject(visit.service, visit.request_id)
        return Moved("/console/sign-in", "sign_in.refused", {"reason": refused.detail}, handshake="")
    try:
        token = sign_in_subject(visit.service, subject, visit.request_id)
    except Unauthenticated:
        return Moved("/console/sign-in", "sign_in.stranger", handshake="")
    return Moved(own_path(handshake.then), token=token, handshake="")


def own_path(text: str | None) -> str:
    """A path of the console that a form names; its first page for anything else, so that nobody is led astray."""
    parts = urlsplit(text or "")
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(HOME) and "\\" not in (text or "")
    return text if is_own and text else HOME


def _provider(visit: Visit) -> IdentityProvider:
    if visit.provider is None:
        raise NotFound("no identity provider is set up here")
    return visit.provider


def _check_state(visit: Visit, handshake: Handshake | None) -> None:
    """Why: who was sent here with a code of somebody else's must not be signed in as them."""
    state = visit.query.get("state", "")
    if handshake is None or not compare_digest(state.encode(), handshake.state.encode()):
        raise Unauthenticated("this attempt was not begun here, or has ended")


def _back_to(visit: Visit) -> str:
    return f"{visit.origin}/console/sign-in/back"


def _code(visit: Visit) -> str:
    code = visit.query.get("code")
    if code is None:
        raise Unauthenticated("the provider did not let you in")
    return code


def _form(visit: Visit, wrong: str = "", detail: str = "") -> Shown:
    then = own_path(visit.query.get("then") or visit.form.get("then"))
    values = {"wrong": wrong, "detail": detail, "then": then, "name": visit.form.get("name", "")}
    return Shown("sign_in.html", values, 401 if wrong else 200)
