"""A `Config` -> the Flask app: the service's routes and the console's pages, ready to answer."""

from typing import BinaryIO

from flask import Flask

from service.api.log import RequestLog
from service.api.metrics import Metrics
from service.api.openapi import openapi_text
from service.api.routes import ROUTES
from service.api.web import Web, serve_routes
from service.config import Config
from service.console.pages import MENU, PAGES
from service.console.web import Console, serve_pages
from service.operations.auditing.access import Access
from service.operations.service import Service
from service.outgoing.provider import Client, Provider


def create_app(
    service: Service,
    config: Config,
    log: BinaryIO | None = None,
    metrics: Metrics | None = None,
    access: Access | None = None,
) -> Flask:
    """The app of a wired service; requests are logged to `log`, or to standard error.

    `metrics` and `access` are given if others have them too.
    """
    app = Flask("service", static_folder=None)
    requests = RequestLog(log)
    web = Web(
        service=service,
        metrics=metrics or Metrics(config.metrics_folder),
        log=requests,
        access=access or Access(service, config.read_percent),
        description=openapi_text().encode(),
        max_body_bytes=config.max_body_bytes,
    )
    serve_routes(app, web, ROUTES)
    console = Console(
        service=service,
        pages=PAGES,
        menu=MENU,
        is_https=config.is_https,
        on_bug=requests.failed,
        provider=_provider(service, config),
    )
    serve_pages(app, console)
    return app


def _provider(service: Service, config: Config) -> Provider | None:
    """Who vouches for people, if the settings name anybody."""
    if config.oidc_issuer is None or config.oidc_client_id is None:
        return None
    client = Client(config.oidc_issuer, config.oidc_client_id, config.oidc_client_secret, config.oidc_name)
    return Provider(client, service.clock)
