"""What is counted: requests, how long they took, evaluations recorded; as text for Prometheus, over all worker
processes.

With a shared folder each process writes its counts to files there, and any of them can tell the sum.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counts of this process."""

    def __init__(self, shared: Path | None) -> None:
        self._shared = shared
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "tagwright_requests",
            "Requests by route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tagwright_request_seconds",
            "Time to answer, by route.",
            ["route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._recorded = Counter("tagwright_evaluations", "Evaluations recorded on request.", registry=self._registry)
        self._deliveries = Counter(
            "tagwright_deliveries",
            "Tries to deliver an event (good, failed), and events given up (dead).",
            ["result"],
            registry=self._registry,
        )

        self._swept = Counter(
            "tagwright_swept_profiles",
            "Profiles that a sweep decided, and those that it could not decide (failed).",
            ["result"],
            registry=self._registry,
        )
        self._swept_evaluations = Counter(
            "tagwright_swept_evaluations", "Evaluations that sweeps recorded.", registry=self._registry
        )

        self._sealed = Counter("tagwright_sealed_entries", "Entries sealed into the log.", registry=self._registry)

        self._log_broken = Counter(
            "tagwright_log_broken", "Times that the log was found to contradict itself.", registry=self._registry
        )

        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is its template, never its values."""
        # Why: on a full disk the shared files can't grow, and the reply must leave all the same.
        with suppress(OSError):
            requests, times = self._counters(method, route, status)
            requests.inc()
            times.observe(seconds)

    def recorded(self, evaluations: int) -> None:
        """Count evaluations that are in the log now."""
        with suppress(OSError):
            self._recorded.inc(evaluations)

    def delivered(self, good: int, failed: int, dead: int) -> None:
        """Count tries to deliver that went well and that did not, and events given up."""
        with suppress(OSError):
            for result, count in (("good", good), ("failed", failed), ("dead", dead)):
                self._deliveries.labels(result).inc(count)

    def swept(self, profiles: int, evaluations: int, failed: int) -> None:
        """Count profiles that a sweep decided, the evaluations recorded for them, and profiles it could not decide."""
        with suppress(OSError):
            self._swept.labels("decided").inc(profiles)
            self._swept.labels("failed").inc(failed)
            self._swept_evaluations.inc(evaluations)

    def log_broken(self) -> None:
        """Count that the log was found to contradict itself."""
        with suppress(OSError):
            self._log_broken.inc()

    def sealed(self, entries: int) -> None:
        """Count entries that were sealed into the log."""
        with suppress(OSError):
            self._sealed.inc(entries)

    def text(self, measured: Mapping[str, tuple[str, float]] | None = None) -> bytes:
        """All counts, in the text format of Prometheus; and what was measured just now: name -> meaning, value."""
        registry = self._registry
        if self._shared is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._shared))  # type: ignore[no-untyped-call]
        present = CollectorRegistry()
        present.register(_Measured(measured or {}))
        return generate_latest(registry) + generate_latest(present)

    def _counters(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        found = self._known.get((method, route, status))
        if found is None:
            found = (self._requests.labels(method, route, str(status)), self._seconds.labels(route))
            self._known[method, route, status] = found
        return found


class _Measured(Collector):
    """Values that no process keeps."""

    def __init__(self, measured: Mapping[str, tuple[str, float]]) -> None:
        self._measured = measured

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Each value as a gauge."""
        return [GaugeMetricFamily(name, *one) for name, one in self._measured.items()]
