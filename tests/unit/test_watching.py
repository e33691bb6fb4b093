"""
What is shipped for those who watch the service: alerts and a dashboard, which must speak of what there is.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.promtool import promtool
from todo_web.metrics.catalog import ALL, Across, Kind

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTS = (PROMETHEUS / "alerts.yaml").read_text("utf-8")
RUNBOOK = (ROOT / "docs" / "how-to" / "runbook.md").read_text("utf-8")
BOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text("utf-8"))
NAMES = re.findall(r"- alert: (\w+)", ALERTS)
PARTS = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}


def known() -> dict[str, str]:
    """
    Return each series there is, with the metric that it belongs to.
    """
    return {f"{metric.name}{part}": metric.name for metric in ALL for part in PARTS.get(metric.kind, ("",))}


def named_in(text: str) -> set[str]:
    """
    Return every series that *text* names.
    """
    return set(re.findall(r"\btodo_[a-z_]+", text))


def panels() -> Iterator[dict[str, Any]]:
    """
    Yield the panels that show something.
    """
    yield from (panel for panel in BOARD["panels"] if panel["type"] != "row")


def expressions() -> list[str]:
    """
    Return all that the dashboard asks Prometheus.
    """
    return [target["expr"] for panel in panels() for target in panel["targets"]]


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_metrics_are_called_as_prometheus_calls_them(metric):
    """
    A counter ends in _total and nothing else does; each has a sentence, a histogram its buckets.
    """
    assert re.fullmatch(r"todo(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.help.endswith(".")
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert metric.across is not Across.DEPLOYMENT or metric.kind is Kind.GAUGE


def test_no_metric_is_there_twice():
    """
    Each name is one metric's.
    """
    assert len({metric.name for metric in ALL}) == len(ALL)


def test_alerts_speak_of_what_there_is():
    """
    Each series that an alert names is one of ours.
    """
    assert named_in(ALERTS)
    assert named_in(ALERTS) <= known().keys()
    assert named_in((PROMETHEUS / "alerts_test.yaml").read_text("utf-8")) <= known().keys()


def test_the_dashboard_shows_all_there_is_and_nothing_else():
    """
    Each metric is in some panel, and each series that a panel asks for is one of ours.
    """
    asked = named_in("\n".join(expressions()))
    assert asked <= known().keys()
    assert {known()[name] for name in asked} == {metric.name for metric in ALL}


def test_the_dashboard_is_in_order():
    """
    Panels have numbers of their own, say what they show, take any data source, and none covers another.
    """
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert all(0 <= x < 24 for x, _ in cells)
        taken |= cells
    for panel in panels():
        assert panel["title"]
        assert panel["description"]
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.parametrize("alert", NAMES)
def test_each_alert_has_a_section_of_the_runbook(alert):
    """
    The runbook has a heading for it, the alert names that place, and a test says when it comes and when it does not.
    """
    assert RUNBOOK.count(f"\n## {alert}\n") == 1
    assert ALERTS.count(f"runbook: docs/how-to/runbook.md#{alert.lower()}\n") == 1
    tests = (PROMETHEUS / "alerts_test.yaml").read_text("utf-8")
    cases = re.findall(rf"alertname: {alert}\n( +exp_alerts:)?", tests)
    assert any(cases)
    assert not all(cases)


def test_the_runbook_has_no_section_of_an_alert_that_is_gone():
    """
    Each heading that looks like an alert's is one's.
    """
    assert set(re.findall(r"^## (Todo\w+)$", RUNBOOK, re.MULTILINE)) == set(NAMES)


def test_prometheus_takes_the_rules():
    """
    They are of the right form.
    """
    checked = promtool("check", "rules", "alerts.yaml", folder=PROMETHEUS)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alerts_come_when_they_should():
    """
    Each comes in its test, with its labels and words, and does not where all is well.
    """
    tested = promtool("test", "rules", "alerts_test.yaml", folder=PROMETHEUS)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_prometheus_understands_the_dashboard(tmp_path):
    """
    Each of its expressions is one.
    """
    rules = [
        {"record": f"x:{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, expr in enumerate(expressions())
    ]
    (tmp_path / "board.yaml").write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}), "utf-8")
    checked = promtool("check", "rules", "board.yaml", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("command", "right", "wrong"),
    [
        ("check", "expr: todo_database_answers == 0", "expr: todo_database_answers === 0"),
        ("check", "for: 2m", "for: two minutes"),
        ("check", "{{ $value | humanizeDuration }}", "{{ $value | humanised }}"),
        ("test", "todo_outbox_oldest_due_seconds) > 600", "todo_outbox_oldest_due_seconds) > 6000"),
        ("test", "max(todo_outbox_oldest_due_seconds)", "todo_outbox_oldest_due_seconds"),
        ("test", "max(todo_outbox_misconfigured) == 1", "max(todo_outbox_misconfigured) == 2"),
        ("test", "time() - max(todo_courier", "time() - min(todo_courier"),
        ("test", "todo_database_answers == 0", "max(todo_database_answers) == 0"),
        ("test", 'status=~"5.."', 'status="500"'),
        ("test", "[5m]))) > 1", "[5m]))) > 2"),
        ("test", "timeouts_total[5m])) > 0", "timeouts_total[5m])) >= 0"),
        ("test", "refused_total[5m])) > 0.1", "refused_total[5m])) > 0.001"),
        ("test", 'or absent(up{job=~"todo(-.*)?"})', ""),
        ("test", 'up{job=~"todo(-.*)?"} == 0', 'up{job="todo"} == 0'),
    ],
)
def test_a_faulty_rule_is_noticed(tmp_path, command, right, wrong):
    """
    Of rules that are of no form, or come too late or too early, promtool says so.
    """
    assert right in ALERTS
    (tmp_path / "alerts.yaml").write_text(ALERTS.replace(right, wrong), "utf-8")
    shutil.copy(PROMETHEUS / "alerts_test.yaml", tmp_path)
    file = "alerts.yaml" if command == "check" else "alerts_test.yaml"
    assert promtool(command, "rules", file, folder=tmp_path).returncode != 0
