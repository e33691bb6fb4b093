"""
What we ship for Kubernetes, as Kustomize writes it: what a server would take, and what the program would understand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context, Group

from tests.support.kustomize import KUBERNETES, judged, kustomize, resources
from tests.support.server import KEY
from todo_web.cli import main
from todo_web.container import MAIL_GRACE, REQUEST_GRACE
from todo_web.routes import OPERATIONS
from todo_web.settings import InvalidSettings, load_settings
from todo_web.settings.catalog import catalog

SECRETS = {
    "DATABASE_URL": "postgresql://todo:pa55word@db.example.org/todo?sslmode=verify-full",
    "JWT_SECRET_KEY": KEY,
    "LINK_SECRET_KEYS": KEY[::-1],
    "SMTP_USERNAME": "todo",
    "SMTP_PASSWORD": "pa55word",
}
PROVIDERS_OWN = {"SMTP_HOST", "SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_FROM_EMAIL"}
_WORKLOADS = {"Deployment", "Job", "CronJob"}
_Resource = dict[str, Any]


@pytest.fixture(scope="module")
def written() -> str:
    """
    Return what is written for production.
    """
    return kustomize(KUBERNETES / "production")


@pytest.fixture(scope="module")
def shipped(written: str) -> list[_Resource]:
    """
    Return it, resource by resource.
    """
    return resources(written)


def _template(resource: _Resource) -> _Resource:
    spec = resource["spec"]
    template: _Resource = (spec["jobTemplate"]["spec"] if resource["kind"] == "CronJob" else spec)["template"]
    return template


def _pods(shipped: list[_Resource]) -> Iterator[tuple[str, _Resource]]:
    for resource in shipped:
        if resource["kind"] in _WORKLOADS:
            yield resource["metadata"]["name"], _template(resource)


def _one(shipped: list[_Resource], kind: str, name: str = "todo") -> _Resource:
    (found,) = [it for it in shipped if it["kind"] == kind and it["metadata"]["name"].startswith(name)][:1]
    return found


def _environment(container: Mapping[str, Any], configuration: Mapping[str, str]) -> dict[str, str]:
    own = {entry["name"]: entry["value"] for entry in container.get("env", [])}
    return {"HOST": "0.0.0.0", "WORKERS": "4", **configuration, **SECRETS, **own}  # noqa: S104 - as the image has it


def open_to_attack(template: _Resource) -> list[str]:
    """
    Return what keeps a pod out of a namespace that enforces the standard "restricted", or lets it write.
    """
    pod = template["spec"]
    of_pod = pod.get("securityContext", {})
    faults: list[str] = []
    if not of_pod.get("runAsNonRoot") or of_pod.get("runAsUser") != 1000:
        faults.append("user")
    if of_pod.get("seccompProfile") != {"type": "RuntimeDefault"}:
        faults.append("seccomp")
    if pod.get("automountServiceAccountToken") is not False:
        faults.append("token")
    if any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
        faults.append("host")
    faults += [
        f"volume {volume['name']}"
        for volume in pod.get("volumes", [])
        if not volume.keys() & {"emptyDir", "persistentVolumeClaim", "secret", "configMap"}
    ]
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            faults.append("escalation")
        if own.get("capabilities") != {"drop": ["ALL"]}:
            faults.append("capabilities")
        if own.get("readOnlyRootFilesystem") is not True:
            faults.append("writable")
        if not container.get("resources", {}).get("limits", {}).get("memory"):
            faults.append("memory")
    return faults


def test_a_server_would_take_it(written: str, tmp_path: Path) -> None:
    """
    Each resource keeps to its schema, with no field that there is not.
    """
    assert judged(written, tmp_path) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("readinessProbe:", "readynessProbe:"),
        ("minReplicas: 3", "minReplicas: three"),
        ("maxUnavailable: 1", "maxUnavailable: [1]"),
    ],
)
def test_the_judge_sees_a_fault(written: str, tmp_path: Path, right: str, wrong: str) -> None:
    """
    A field with a slip of the pen, and values of another kind, are found.
    """
    assert right in written
    assert judged(written.replace(right, wrong, 1), tmp_path)[0] == 1


def test_no_pod_may_do_more_than_it_needs(shipped: list[_Resource]) -> None:
    """
    Each keeps to the standard "restricted", which its namespace enforces, and writes nothing but what it mounts.
    """
    assert {name: open_to_attack(template) for name, template in _pods(shipped)} == {
        "todo": [],
        "todo-worker": [],
        "todo-migrate": [],
        "todo-backup": [],
    }
    labels = _one(shipped, "Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("securityContext", {}, "escalation"),
        ("securityContext", {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, "writable"),
        ("resources", {"limits": {"cpu": "1"}}, "memory"),
    ],
)
def test_a_pod_that_may_do_more_is_seen(shipped: list[_Resource], field: str, value: object, fault: str) -> None:
    """
    The test above would fail.
    """
    template = deepcopy(_template(_one(shipped, "Deployment")))
    template["spec"]["containers"][0][field] = value
    assert fault in open_to_attack(template)


def test_the_program_starts_with_these_settings(shipped: list[_Resource]) -> None:
    """
    In production, where it refuses what is missing or weak; and each name is one that somebody reads.
    """
    configuration = _one(shipped, "ConfigMap")["data"]
    known = {setting.name for setting in catalog()} | PROVIDERS_OWN
    for name, template in _pods(shipped):
        (container,) = template["spec"]["containers"]
        environment = _environment(container, configuration)
        assert environment.keys() <= known, name
        assert load_settings(environment).is_production


def test_the_example_of_the_secret_holds_none() -> None:
    """
    It names what has to be there, and the program refuses to start with what stands there.
    """
    (example,) = resources((KUBERNETES / "production" / "secret.example.yaml").read_text("utf-8"))
    assert example["stringData"].keys() == SECRETS.keys()
    assert all(value.startswith("<") and value.endswith(">") for value in example["stringData"].values())
    with pytest.raises(InvalidSettings, match="JWT_SECRET_KEY: "):
        load_settings(
            {**SECRETS, "ENVIRONMENT": "production", "JWT_SECRET_KEY": example["stringData"]["JWT_SECRET_KEY"]}
        )


def test_all_read_the_same_settings(shipped: list[_Resource]) -> None:
    """
    The name of the settings changes with them, so that a change starts new pods; all follow it.
    """
    name = _one(shipped, "ConfigMap")["metadata"]["name"]
    assert name.startswith("todo-")
    for _, template in _pods(shipped):
        (container,) = template["spec"]["containers"]
        assert container["envFrom"] == [{"configMapRef": {"name": name}}, {"secretRef": {"name": "todo"}}]
        image = "todo-backup" if "command" in container else "todo"
        assert container["image"] == f"registry.example.org/{image}:0.1.0"


def test_each_runs_a_command_that_there_is(shipped: list[_Resource]) -> None:
    """
    Of the program's own, with what it takes.
    """
    for _, template in _pods(shipped):
        command = main
        (container,) = template["spec"]["containers"]
        for word in container["args"] if "args" in container else container["command"][1:]:
            if not isinstance(command, Group):
                break  # it is an argument
            command = command.get_command(Context(command), word)
            assert command is not None, word


def test_the_ports_are_where_the_program_listens(shipped: list[_Resource]) -> None:
    """
    The service leads to it, the probes ask it, and Prometheus is told where the numbers are.
    """
    for name, template in _pods(shipped):
        (container,) = template["spec"]["containers"]
        environment = {entry["name"]: entry["value"] for entry in container.get("env", [])}
        ports = {port["name"]: str(port["containerPort"]) for port in container.get("ports", [])}
        settings = {"http": "PORT", "metrics": "METRICS_PORT"}
        assert ports == {port: environment[settings[port]] for port in ports}, name
        if "metrics" in ports:
            assert template["metadata"]["annotations"]["prometheus.io/port"] == ports["metrics"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            for how in ("httpGet", "tcpSocket"):
                asked = container.get(probe, {}).get(how)
                assert asked is None or asked["port"] in ports, (name, probe)
    assert [port["targetPort"] for port in _one(shipped, "Service")["spec"]["ports"]] == ["http"]


def test_probes_ask_what_is_answered(shipped: list[_Resource]) -> None:
    """
    Addresses that nobody counts, under a host's name that the service always answers for.
    """
    (container,) = _template(_one(shipped, "Deployment"))["spec"]["containers"]
    paths = {operation.path for operation in OPERATIONS if operation.method == "GET"}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in paths
        assert container[probe]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


def test_what_is_in_hand_has_time_to_end(shipped: list[_Resource]) -> None:
    """
    The cluster waits for longer than the program needs, after it has slept while the news went round.
    """
    for name in ("todo", "todo-worker"):
        pod = _template(next(it for it in shipped if it["kind"] == "Deployment" and it["metadata"]["name"] == name))
        (container,) = pod["spec"]["containers"]
        slept = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod["spec"]["terminationGracePeriodSeconds"] > slept + REQUEST_GRACE + MAIL_GRACE + 2


def test_whatever_selects_finds_pods(shipped: list[_Resource]) -> None:
    """
    A selector with a slip of the pen would protect nobody, or lead nowhere.
    """
    labels = [template["metadata"]["labels"] for _, template in _pods(shipped)]
    selectors = {
        (resource["kind"], resource["metadata"]["name"]): found.get("matchLabels", {} if found == {} else found)
        for resource in shipped
        if resource["kind"] != "Deployment"
        for found in [resource.get("spec", {}).get("selector", resource.get("spec", {}).get("podSelector"))]
        if found is not None
    }
    assert {kind for kind, _ in selectors} == {"Service", "PodDisruptionBudget", "NetworkPolicy"}
    for who, selector in selectors.items():
        assert any(selector.items() <= pod.items() for pod in labels), who
    assert _one(shipped, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "todo"


def test_nobody_may_talk_to_anybody_unless_it_is_said(shipped: list[_Resource]) -> None:
    """
    One policy forbids all, to all; the others allow what the program needs, and not the clouds' own addresses.
    """
    policies = {it["metadata"]["name"]: it["spec"] for it in shipped if it["kind"] == "NetworkPolicy"}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    asked = [port["port"] for rule in policies["todo-asked"]["ingress"] for port in rule["ports"]]
    assert asked == ["http", "metrics"]
    (names, others) = policies["todo-asks"]["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["port"] for port in others["ports"]} == {5432, 465, 587, 443}
    assert all(way["ipBlock"]["except"] for way in others["to"])


def test_a_usual_database_has_the_connections(shipped: list[_Resource]) -> None:
    """
    With as many pods as there may be, one more while a version rolls out, and ten to spare for whoever else connects.
    """
    settings = load_settings({**_one(shipped, "ConfigMap")["data"], **SECRETS})
    pool = settings.database_pool_size + settings.database_max_overflow + 1
    serving = _one(shipped, "HorizontalPodAutoscaler")["spec"]["maxReplicas"] + 1
    delivering = _one(shipped, "Deployment", "todo-worker")["spec"]["replicas"] + 1
    assert serving * settings.workers * pool + delivering * pool <= 100 - 3 - 10


def test_mail_is_delivered_by_workers_alone(shipped: list[_Resource]) -> None:
    """
    So that sending slows no request.
    """
    (serving,) = _template(_one(shipped, "Deployment"))["spec"]["containers"]
    assert {"name": "COURIER", "value": "apart"} in serving["env"]
    assert _template(next(it for it in shipped if it["metadata"]["name"] == "todo-worker"))["spec"]["containers"][0][
        "args"
    ] == ["worker"]


def test_nothing_in_the_folder_is_forgotten() -> None:
    """
    Each file of the base is one that Kustomize is told of.
    """
    told = yaml.safe_load((KUBERNETES / "base" / "kustomization.yaml").read_text("utf-8"))["resources"]
    there = {path.name for path in (KUBERNETES / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(told) == there
