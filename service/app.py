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
    serve_pages(app, Console(service=service, pages=PAGES, menu=MENU, is_https=config.is_https, on_bug=requests.failed))
    return app
