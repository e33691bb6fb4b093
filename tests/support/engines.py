"""
What builds and runs container images here: Docker where its engine answers, else buildah and runc as root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import pytest
from attrs import define, field, frozen

ROOT = Path(__file__).parents[2]
MEMORY = 512 * 1024 * 1024
"""Bytes that a container with four workers has to be content with."""
PROCESSES = 200
PATIENCE = 900
"""Seconds that building may take; the goal is 300, and the figures tell what it was."""


@frozen
class Run:
    """
    What to run in a container: arguments behind the entry point, settings, and files of this machine that it sees.
    """

    name: str
    folder: Path
    arguments: Sequence[str]
    settings: Mapping[str, str]
    files: Mapping[Path, str]


class Engine(Protocol):
    """
    What builds an image, and runs it on a file system that cannot be written, without privileges.
    """

    @abstractmethod
    def build(self, context: Path, *, fresh: bool) -> None:
        """
        Build the image from the folder *context*; a *fresh* one takes nothing from an earlier build.
        """
        ...

    @abstractmethod
    def save(self, file: Path) -> None:
        """
        Write the image to *file*, as ``docker save`` does.
        """
        ...

    @abstractmethod
    def launch(self, run: Run, config: Mapping[str, Any], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """
        Start a container of the image with this *config*; signals to the process that is returned reach it.
        """
        ...

    @abstractmethod
    def execute(self, name: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """
        Run a command in the container called *name*, as its user.
        """
        ...

    @abstractmethod
    def pid(self, name: str) -> int:
        """
        Return the number that the container's first process has on this machine.
        """
        ...

    @abstractmethod
    def remove(self, name: str) -> None:
        """
        Leave nothing of the container.
        """
        ...


def call(*command: str | Path, check: bool = True, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """
    Run a program of the machine's to its end.
    """
    done = subprocess.run(  # noqa: S603 - engines, and what they build with
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert not check or done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


class Docker(Engine):
    """
    Docker, or what calls itself so.
    """

    tag = "todo:test"

    def build(self, context: Path, *, fresh: bool) -> None:
        call("docker", "build", *(["--no-cache"] if fresh else []), "--tag", self.tag, context)

    def save(self, file: Path) -> None:
        call("docker", "save", "--output", file, self.tag)

    def launch(self, run: Run, config: Mapping[str, Any], output: IO[bytes]) -> subprocess.Popen[bytes]:
        del config  # Docker knows it
        environment = run.folder / f"{run.name}.env"
        environment.write_text("".join(f"{name}={value}\n" for name, value in run.settings.items()), "utf-8")
        shut = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host"]
        bounds = [f"--memory={MEMORY}", f"--memory-swap={MEMORY}", f"--pids-limit={PROCESSES}"]
        files = [f"--mount=type=bind,src={source},dst={place}" for source, place in run.files.items()]
        options = [*shut, *bounds, *files, f"--env-file={environment}", f"--name={run.name}"]
        command = ["docker", "run", "--rm", *options, self.tag, *run.arguments]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 - as call

    def execute(self, name: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return call("docker", "exec", name, *arguments, check=False)

    def pid(self, name: str) -> int:
        return int(call("docker", "inspect", "--format", "{{.State.Pid}}", name).stdout)

    def remove(self, name: str) -> None:
        call("docker", "rm", "--force", name, check=False)


@define
class StandIn(Engine):
    """
    buildah, and runc with what Docker would tell it; the base is a stand-in too.
    """

    tag = "localhost/todo:stand-in"
    _containers: dict[str, str] = field(factory=dict[str, str], init=False)

    def build(self, context: Path, *, fresh: bool) -> None:
        call(context / "deploy" / "container" / "stand-in", "build", *(["--no-cache"] if fresh else []))

    def save(self, file: Path) -> None:
        call(ROOT / "deploy" / "container" / "stand-in", "save", file)

    def launch(self, run: Run, config: Mapping[str, Any], output: IO[bytes]) -> subprocess.Popen[bytes]:
        self._containers[run.name] = call("buildah", "from", "--pull-never", self.tag).stdout.strip()
        root = call("buildah", "mount", self._containers[run.name]).stdout.strip()
        bundle = run.folder / run.name
        bundle.mkdir()
        call("runc", "spec", "--bundle", bundle)
        specification = _specification(json.loads((bundle / "config.json").read_text()), run, config, root)
        (bundle / "config.json").write_text(json.dumps(specification))
        command = ["runc", "run", "--bundle", str(bundle), run.name]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 - as call

    def execute(self, name: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return call("runc", "exec", name, *arguments, check=False)

    def pid(self, name: str) -> int:
        return int(json.loads(call("runc", "state", name).stdout)["pid"])

    def remove(self, name: str) -> None:
        call("runc", "delete", "--force", name, check=False)
        call("buildah", "rm", self._containers.pop(name))


def _specification(plain: dict[str, Any], run: Run, config: Mapping[str, Any], root: str) -> dict[str, Any]:
    """
    Return what runc is to do: as little as ``docker run`` allows with the options above.
    """
    user, _, group = config["User"].partition(":")
    process, linux = plain["process"], plain["linux"]
    process |= {
        "terminal": False,
        "user": {"uid": int(user), "gid": int(group or user)},
        "args": [*config["Entrypoint"], *(run.arguments or config["Cmd"])],
        "env": [*config["Env"], *(f"{name}={value}" for name, value in run.settings.items())],
        "cwd": config["WorkingDir"],
        "capabilities": {},
        "noNewPrivileges": True,
    }
    linux["namespaces"] = [space for space in linux["namespaces"] if space["type"] not in {"network", "cgroup"}]
    linux["resources"] |= {"memory": {"limit": MEMORY}, "pids": {"limit": PROCESSES}}
    files = [{"type": "bind", "source": str(file), "destination": run.files[file]} for file in run.files]
    mounts = [*plain["mounts"], *({**file, "options": ["bind", "ro"]} for file in files)]
    return plain | {"root": {"path": root, "readonly": True}, "mounts": mounts}


def engine() -> Engine:
    """
    Return what builds and runs images here; without it the test is skipped.
    """
    if shutil.which("docker") is not None and call("docker", "info", check=False).returncode == 0:
        return Docker()
    if os.geteuid() == 0 and all(shutil.which(tool) for tool in ("buildah", "debootstrap", "runc")):
        return StandIn()
    pytest.skip("no Docker engine answers; as root, `deploy/container/stand-in tools` installs what stands in for one")
