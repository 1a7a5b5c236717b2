"""The routes for operators: health, readiness, the API's description, and a page that shows it without the internet."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from service.api.metrics import CONTENT_TYPE as METRICS
from service.api.route import Answer, Call, as_json
from service.errors import NotFound, Unavailable
from service.operations.auditing.push import count_failures
from service.operations.auditing.seal import read_waiting
from service.operations.deliver import read_lag
from service.operations.readiness import read_readiness
from service.operations.service import Service
from service.operations.sweep import read_due

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: its own files and nothing else. Why inline styles: Swagger UI writes them on its elements."""
PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tagwright API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = b'SwaggerUIBundle({url: "openapi.yaml", dom_id: "#page", deepLinking: true, validatorUrl: null});\n'
FILES: Mapping[str, str] = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
"""What the page needs of Swagger UI, by file name."""
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def health(_call: Call) -> Answer:
    """`GET /healthz`: this process answers."""
    return Answer(b'{"status":"ok"}')


def readiness(call: Call) -> Answer:
    """`GET /readyz`: this process can do its work; else 503 and what is missing."""
    checks = read_readiness(call.service)
    is_ready = all(checks.values())
    return as_json({"ready": is_ready, "checks": checks}, 200 if is_ready else 503)


def metrics(call: Call) -> Answer:
    """`GET /metrics`."""
    return Answer(call.metrics.text(_measured(call.service)), content_type=METRICS)


def _measured(service: Service) -> Mapping[str, tuple[str, float]]:
    """How far sweep and delivery are behind. Why it is measured here: it must be seen most of all when nobody works."""
    try:
        due, late = read_due(service), read_lag(service)
        waiting, failures = read_waiting(service), count_failures(service)
        queued, since = service.store.read(lambda reads: reads.jobs.queued())
    except Unavailable:
        return {}
    return {
        "tagwright_sweep_lag_seconds": ("How late the longest due profile is.", due.late_milliseconds / 1000),
        "tagwright_sweep_due": ("Profiles that are due.", due.profiles),
        "tagwright_checkpoint_failures": ("Failed tries in a row to send a checkpoint outside.", failures),
        "tagwright_seal_lag_seconds": ("How long the oldest entry has waited to be sealed.", waiting / 1000),
        "tagwright_jobs_queued": ("Jobs that wait.", queued),
        "tagwright_jobs_wait_seconds": (
            "How long the first of them has waited.",
            0 if since is None else max(0, service.clock() - since) / 1000,
        ),
        "tagwright_delivery_lag_seconds": ("How late the oldest change is that was not delivered yet.", late / 1000),
    }


def openapi(call: Call) -> Answer:
    """`GET /openapi.yaml`."""
    return Answer(call.description, content_type="application/yaml")


def docs(_call: Call) -> Answer:
    """`GET /docs`: the API's description, to read and to try."""
    return Answer(PAGE, content_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


def docs_file(call: Call) -> Answer:
    """`GET /docs/{name}`: what the page loads."""
    name = call.path["name"]
    if name == "start.js":
        return Answer(START, content_type="text/javascript; charset=utf-8", headers=PAGE_HEADERS)
    if name not in FILES:
        raise NotFound(f"there is no file `{name}`")
    return Answer(_file(name), content_type=FILES[name], headers={**PAGE_HEADERS, "Cache-Control": "max-age=3600"})


@lru_cache(maxsize=len(FILES))
def _file(name: str) -> bytes:
    return files("flask_swagger_ui").joinpath("dist", name).read_bytes()
