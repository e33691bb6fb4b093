"""
The README keeps its word: its story is run as it is pasted, against the program as it is started there.
"""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from tests.support.server import TodoServer, environment

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_story_prints_what_its_comments_say(server_folder: Path) -> None:
    """
    With nothing set, on the embedded database, each line prints what stands beside it.
    """
    found = re.search(r"<!-- tests/e2e/test_readme.py .*?-->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found is not None
    expected = re.findall(r" {2,}# (.*)$", found[1], re.MULTILINE)
    started = time.monotonic()
    with TodoServer(server_folder, {}) as server:
        assert time.monotonic() - started < 30
        (server_folder / "todo.log").symlink_to("output.txt")
        script = found[1].replace("localhost:8000", f"localhost:{server.port}")
        story = subprocess.run(  # noqa: S603 - what the README tells its readers to run
            ["/bin/bash", "-eu", "-c", script],
            cwd=server_folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert story.returncode == 0, story.stderr + server.output
    assert story.stdout.splitlines() == expected
    assert len(expected) == 10
