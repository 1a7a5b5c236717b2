"""The table of pages, served by Flask: who it is, whether a form is our own, the page in the visitor's language.

Every reply has a policy that lets the browser load nothing but our own files. Whatever goes wrong is a page with the
request's id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, g, render_template, request

from service.console.page import Moved, Page, Reaction, Sent, Shown, Visit
from service.console.texts import LANGUAGES, speaker
from service.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    LogBroken,
    NotFound,
    RulesetRejected,
    ServiceError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from service.operations.identity import IdentityProvider
from service.operations.service import Service
from service.operations.sessions import Signed, is_own_form, read_session

SESSION, LANGUAGE, THEME, MESSAGE = "tw_session", "tw_language", "tw_theme", "tw_message"
HANDSHAKE, HANDSHAKE_SECONDS = "tw_handshake", 600
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PREFIX = "/console"
YEAR = 365 * 24 * 3600
STATUSES: Mapping[type[ServiceError], int] = {
    InvalidRequest: 422,
    RulesetRejected: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Unavailable: 503,
    LogBroken: 500,
}
"""Every error of an operation, as a page."""


class ForeignForm(Exception):
    """A form that no page of this service made, or one of a session that has ended."""


Menu = tuple[tuple[str, str, str, frozenset[str] | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What every page is answered with. `on_bug` is told what nobody expected, with the request's id."""

    service: Service
    pages: tuple[Page, ...]
    menu: Menu
    is_https: bool
    on_bug: Callable[[str, BaseException], None]
    provider: IdentityProvider | None = None


def serve_pages(app: Flask, console: Console) -> None:
    """Put every page on the app."""
    blueprint = Blueprint("console", __name__, url_prefix=PREFIX, template_folder="templates", static_folder="static")
    for page in console.pages:
        rule = page.path.replace("{profile_id*}", "<path:profile_id>").replace("{", "<").replace("}", ">")
        methods = ["GET", "POST"] if page.act else ["GET"]
        blueprint.add_url_rule(rule, page.name, _view(console, page), methods=methods, provide_automatic_options=False)
    blueprint.add_url_rule("/<path:rest>", "missing", lambda rest: _trouble(console, HTTPStatus.NOT_FOUND))  # noqa: ARG005
    blueprint.register_error_handler(ServiceError, lambda error: _on_error(console, error))
    blueprint.register_error_handler(ForeignForm, lambda _: _trouble(console, HTTPStatus.FORBIDDEN, "foreign-form"))
    blueprint.register_error_handler(Exception, lambda error: _on_bug(console, error))
    blueprint.after_request(_harden)
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "console_door", lambda: _to(f"{PREFIX}/"))


def _view(console: Console, page: Page) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        g.seen.route = PREFIX + page.path
        signed = _signed(console)
        g.seen.key_id = signed and signed.caller.actor
        is_post = request.method == "POST"
        roles = page.act_roles or page.roles if is_post else page.roles
        if roles is not None and signed is None:
            return _to_sign_in()
        if roles is not None and signed is not None and not signed.caller.roles & roles:
            raise Forbidden(", ".join(sorted(roles)))
        if is_post:
            _refuse_foreign(signed)
        visit = _visit(console, signed, path)
        act = page.act if is_post else page.show
        assert act is not None
        return _answer(console, page, visit, act(visit))

    return view


def _visit(console: Console, signed: Signed | None, path: Mapping[str, str]) -> Visit:
    return Visit(
        service=console.service,
        signed=signed,
        request_id=g.seen.request_id,
        path=path,
        query=request.args,
        form=request.form,
        lists=request.form.getlist if request.method == "POST" else request.args.getlist,
        language=_language(),
        is_fragment=request.headers.get("X-Fragment") == "1",
        provider=console.provider,
        origin=f"{'https' if console.is_https else request.scheme}://{request.host}",
        handshake=request.cookies.get(HANDSHAKE),
    )


def _answer(console: Console, page: Page, visit: Visit, reaction: Reaction) -> Response:
    if isinstance(reaction, Sent):
        response = Response(reaction.content, reaction.status, content_type=reaction.content_type)
        response.headers.update(reaction.headers)
        return response
    if isinstance(reaction, Shown):
        return _page(console, page.section, visit.signed, reaction)
    return _moved(console, visit, reaction)


def _moved(console: Console, visit: Visit, moved: Moved) -> Response:
    response = _to(moved.to)
    cookies = {f"tw_{name}": (value, YEAR) for name, value in moved.remember.items()}
    if moved.message is not None:
        cookies[MESSAGE] = speaker(visit.language)(moved.message, **moved.facts)[:1000], 30
    if moved.token is not None:
        cookies[SESSION] = moved.token, -1 if moved.token else 0
    if moved.handshake is not None:
        cookies[HANDSHAKE] = moved.handshake, HANDSHAKE_SECONDS if moved.handshake else 0
    for name, (value, seconds) in cookies.items():
        age = None if seconds < 0 else seconds
        response.set_cookie(
            name, value, max_age=age, path=PREFIX, secure=console.is_https, httponly=True, samesite="Lax"
        )
    return response


def _page(console: Console, section: str, signed: Signed | None, shown: Shown) -> Response:
    t = speaker(_language())
    message = request.cookies.get(MESSAGE)
    roles = signed.caller.roles if signed else frozenset()
    text = render_template(
        shown.template,
        t=t,
        menu=[entry[:3] for entry in console.menu if entry[3] is None or roles & entry[3]],
        section=section,
        signed=signed,
        roles=roles,
        csrf=signed.csrf if signed else "",
        language=t.language,
        theme=request.cookies.get(THEME, "auto"),
        message=message,
        here=request.full_path.rstrip("?"),
        now=console.service.clock(),
        provider=console.provider and console.provider.name,
        **shown.values,
    )
    response = Response(text, shown.status, content_type="text/html; charset=utf-8")
    if message is not None:
        response.delete_cookie(MESSAGE, path=PREFIX)
    return response


def _signed(console: Console) -> Signed | None:
    token = request.cookies.get(SESSION)
    return read_session(console.service, token, g.seen.request_id) if token else None


def _language() -> str:
    chosen = request.cookies.get(LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _refuse_foreign(signed: Signed | None) -> None:
    """Let in only forms of our own pages: the browser names where they stand, and who is signed in has a token."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ForeignForm
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignForm
    token = request.form.get("csrf") or request.headers.get("X-CSRF-Token")
    if signed is not None and not is_own_form(signed, token):
        raise ForeignForm


def _to_sign_in() -> Response:
    if request.headers.get("X-Fragment") == "1":
        return Response("", HTTPStatus.UNAUTHORIZED)
    then = request.full_path.rstrip("?") if request.method == "GET" else f"{PREFIX}/"
    return _to(f"{PREFIX}/sign-in?" + urlencode({"then": then}))


def _to(url: str) -> Response:
    return Response("", HTTPStatus.SEE_OTHER, {"Location": url})


def _on_error(console: Console, error: ServiceError) -> Response:
    status = next(STATUSES[one] for one in type(error).__mro__ if one in STATUSES)
    return _trouble(console, status, error.code if isinstance(error, Conflict) else "", error)


def _on_bug(console: Console, error: Exception) -> Response:
    console.on_bug(g.seen.request_id, error)
    return _trouble(console, HTTPStatus.INTERNAL_SERVER_ERROR)


def _trouble(console: Console, status: int, code: str = "", error: ServiceError | None = None) -> Response:
    t = speaker(_language())
    values = {
        "title": t(f"trouble.{int(status)}.title"),
        "advice": t(f"trouble.{code}" if t.knows(f"trouble.{code}") else f"trouble.{int(status)}"),
        "detail": error.detail if error else "",
        "faults": list(getattr(error, "errors", ())) or list(getattr(error, "diagnostics", ())),
        "request_id": g.seen.request_id,
    }
    return _page(console, "", _signed_or_none(console), Shown("trouble.html", values, status))


def _signed_or_none(console: Console) -> Signed | None:
    """Why: a page that says what went wrong must not fail for the same reason."""
    try:
        return _signed(console)
    except ServiceError:
        return None


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "console.static":
        response.headers["Cache-Control"] = "max-age=3600"
    return response
