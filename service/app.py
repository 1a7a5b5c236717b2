"""A `Config` -> the Flask app: the service's routes, ready to answer."""

from typing import BinaryIO

from flask import Flask

from service.api.log import RequestLog
from service.api.metrics import Metrics
from service.api.openapi import openapi_text
from service.api.routes import ROUTES
from service.api.web import Web, serve_routes
from service.config import Config
from service.operations.service import Service


def create_app(service: Service, config: Config, log: BinaryIO | None = None, metrics: Metrics | None = None) -> Flask:
    """The app of a wired service; requests are logged to `log`, or to standard error.

    `metrics` are given if others count there too.
    """
    app = Flask("service", static_folder=None)
    web = Web(
        service=service,
        metrics=metrics or Metrics(config.metrics_folder),
        log=RequestLog(log),
        description=openapi_text().encode(),
        max_body_bytes=config.max_body_bytes,
    )
    serve_routes(app, web, ROUTES)
    return app
