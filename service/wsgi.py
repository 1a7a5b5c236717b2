"""What gunicorn loads in each worker, and what it calls when one ends.

`tagwright serve` starts it: `gunicorn --config python:service.wsgi service.wsgi:application()`.
"""

from shutil import rmtree
from typing import Any

from flask import Flask
from prometheus_client import multiprocess

from service.api.log import RequestLog
from service.api.metrics import Metrics
from service.app import create_app
from service.bootstrap import wire
from service.config import METRICS_PREFIX, Config, read_config
from service.operations.auditing.access import Access
from service.operations.auditing.retention import Keeper
from service.operations.auditing.sealer import Sealer
from service.operations.authoring.foreman import Foreman
from service.operations.authoring.shadower import Shadower
from service.operations.service import Service
from service.operations.sweeper import Sweeper
from service.operations.tally import Teller
from service.outgoing.courier import Courier
from service.outgoing.herald import Herald, places_of
from service.outgoing.sender import Sender

Background = Access | Keeper | Sweeper | Courier | Foreman | Shadower | Teller | Sealer | Herald
KEEPER_SECONDS = 60
ACCESS_SECONDS = 5
BACKGROUND = "background"
"""Where an app keeps its worker threads."""


def application() -> Flask:
    """The app of this worker; every active ruleset is compiled before the first request.

    It leaves no connection open, so that it may be made before the workers are forked.
    """
    config = read_config()
    service = wire(config)
    service.programs.warm()
    service.store.close()
    metrics = Metrics(config.metrics_folder)
    access = Access(service, config.read_percent, lambda error: RequestLog().failed("access", error))
    app = create_app(service, config, metrics=metrics, access=access)
    app.extensions[BACKGROUND] = [*_background(service, config, metrics), (access, ACCESS_SECONDS)]
    return app


def post_worker_init(worker: Any) -> None:
    """Begin the work that nobody asks for; gunicorn calls this by its name, in the worker itself."""
    for one, seconds in worker.wsgi.extensions[BACKGROUND]:
        one.start(seconds)


def worker_exit(_server: Any, worker: Any) -> None:
    """End it; gunicorn calls this by its name, in the worker itself."""
    for one, _ in worker.wsgi.extensions[BACKGROUND] if worker.wsgi else ():
        one.stop()


def _background(service: Service, config: Config, metrics: Metrics) -> list[tuple[Background, float]]:
    """Each worker thread with how often it looks for work; without those that are switched off."""
    log = RequestLog()
    sweeper = Sweeper(service, metrics, lambda error: log.failed("sweep", error))
    courier = Courier(service, Sender(config.delivery_allow), metrics, lambda error: log.failed("delivery", error))
    foreman = Foreman(service, config.jobs, config.job_days, lambda error: log.failed("jobs", error))
    places = places_of(config.checkpoint_folder, config.checkpoint_url, Sender(config.delivery_allow))
    herald = Herald(service, places, config.checkpoint_seconds, lambda error: log.failed("checkpoints", error))
    sealer = Sealer(service, metrics, lambda error: log.failed("sealing", error))
    every: list[tuple[Background, float]] = [
        (sealer, config.seal_milliseconds / 1000),
        (herald, 1 if places else 0),
        (sweeper, config.sweep_seconds),
        (courier, config.delivery_seconds),
        (foreman, 1 if config.jobs else 0),
        (Shadower(service, lambda error: log.failed("shadows", error)), 1),
        (Keeper(service, lambda error: log.failed("retention", error)), KEEPER_SECONDS),
        (Teller(service, lambda error: log.failed("counting", error)), config.tally_seconds),
    ]
    return [(one, seconds) for one, seconds in every if seconds]


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended; gunicorn calls this by its name."""
    if read_config().metrics_folder is not None:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Take away the folder that `serve` made for the counts; gunicorn calls this by its name when it ends."""
    folder = read_config().metrics_folder
    if folder is not None and folder.name.startswith(METRICS_PREFIX):
        rmtree(folder, ignore_errors=True)
