"""The command `work`: does queued jobs, one at a time, in this process."""

import os
import signal
import sys
from argparse import Namespace
from threading import Event, Thread

from service.api.log import RequestLog
from service.cli.operating import opened_service
from service.cli.printing import WELL, say, say_json
from service.config import read_config
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import DAY, Runner

NICENESS = 5
"""How much this process lets others go first: requests are answered before jobs go on."""
STUCK = 4
"""The exit code when a job did not end though it was told to."""


def run(options: Namespace) -> int:
    """Take jobs until told to end, or until none was queued for some time."""
    config = read_config()
    os.nice(NICENESS)
    log = RequestLog()
    with opened_service(config) as service:
        name = options.runner or service.ids.ulid(service.clock())
        runner = Runner(service, name, KINDS, log.failed, lambda: os._exit(STUCK))
        for wish in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wish, lambda *_: runner.stopping.set())
        if options.with_parent:
            Thread(target=_follow_parent, args=(runner.stopping,), name="parent", daemon=True).start()
        else:
            before = service.clock() - config.job_days * DAY
            service.store.write(lambda unit: unit.jobs.prune(before))
        count = runner.run(options.idle)
    if options.json:
        say_json({"jobs": count})
    else:
        say(f"{count} jobs begun")
    return WELL


def _follow_parent(stopping: Event) -> None:
    """End when the process that started this one is gone: it holds the other end of standard input."""
    sys.stdin.buffer.read()
    stopping.set()
