"""
The meter: where the program counts. Importing this module imports ``prometheus_client``.

Several processes behind one port count together in files, in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names
(multiprocess mode of ``prometheus_client``); one process alone counts in memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import define, field, frozen
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # pyright: ignore[reportUnknownVariableType] - left untyped
from prometheus_client.registry import Collector

from todo_web.metrics.catalog import ALL, Across, Kind, Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_PID = re.compile(r"_(\d+)\.db")
_MODES: Mapping[Across, Literal["livesum", "livemax"]] = {Across.SUM: "livesum", Across.MOST: "livemax"}

Numbers = Mapping[Metric, Mapping[tuple[str, ...], float]]
"""Of each metric its values by their labels."""


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind is Kind.HISTOGRAM:
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry)
    mode = _MODES[metric.across]
    return Gauge(metric.name, metric.help, metric.labels, multiprocess_mode=mode, registry=registry)


def _all_made(registry: CollectorRegistry) -> dict[str, Any]:
    disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    counted = (metric for metric in ALL if metric.across is not Across.DEPLOYMENT)
    return {metric.name: _made(metric, registry) for metric in counted}


@define
class Meter:
    """
    All that is counted in this process; what is asked of the database comes when the page is written.

    ``in_flight`` is how many requests are being answered: a plain number, which costs them nothing.
    """

    in_flight: int = field(default=0, init=False)
    _registry: CollectorRegistry = field(factory=CollectorRegistry, init=False)
    _made: dict[str, Any] = field(init=False)
    _labelled: dict[tuple[str, ...], Any] = field(factory=dict[tuple[str, ...], Any], init=False)

    def __attrs_post_init__(self) -> None:
        self._made = _all_made(self._registry)

    def add(self, metric: Metric, *labels: str, amount: float = 1.0) -> None:
        """
        Count *amount* more.
        """
        self._of(metric, labels).inc(amount)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """
        Say what it is now.
        """
        self._of(metric, labels).set(value)

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """
        Count one more of this size.
        """
        self._of(metric, labels).observe(value)

    def page(self, asked: Numbers) -> bytes:
        """
        Return all numbers as Prometheus reads them, with those that were *asked* elsewhere.  It may read files.
        """
        others = CollectorRegistry()
        others.register(_Asked(asked))
        return generate_latest(self._counted()) + generate_latest(others)

    def _counted(self) -> CollectorRegistry:
        folder = os.environ.get(FOLDER)
        if folder is None:
            return self._registry
        _mark_the_dead(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        return registry

    def _of(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        key = (metric.name, *labels)
        try:
            return self._labelled[key]
        except KeyError:
            made = self._made[metric.name]
            self._labelled[key] = child = made.labels(*labels) if labels else made
            return child


@frozen(eq=False)  # registries know collectors by their identity
class _Asked(Collector):
    numbers: Numbers

    def collect(self) -> Iterable[Family]:
        for metric, values in self.numbers.items():
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, value in values.items():
                family.add_metric(labels, value)
            yield family


def _mark_the_dead(folder: Path) -> None:
    """
    Take what processes say that have ended out of the gauges; what they counted stays counted.
    """
    for pid in {int(found[1]) for file in folder.glob("gauge_live*.db") if (found := _PID.search(file.name))}:
        if not _lives(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # as above


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
