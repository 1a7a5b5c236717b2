"""What gunicorn loads in each worker, and what it calls when one ends.

`tagwright serve` starts it: `gunicorn --config python:service.wsgi service.wsgi:application()`.
"""

from typing import Any

from flask import Flask
from prometheus_client import multiprocess

from service.app import create_app
from service.bootstrap import wire
from service.config import read_config


def application() -> Flask:
    """The app of this worker; every active ruleset is compiled before the first request.

    It leaves no connection open, so that it may be made before the workers are forked.
    """
    config = read_config()
    service = wire(config)
    service.programs.warm()
    service.store.close()
    return create_app(service, config)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended; gunicorn calls this by its name."""
    if read_config().metrics_folder is not None:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
