"""
``python -m todo_web.alive``: whether the service of this container answers, for its ``HEALTHCHECK``.

It imports next to nothing, for it runs every few seconds beside the service.
"""

from __future__ import annotations

import http.client
import os
import sys

DEADLINE = 3
"""Seconds for each step; whoever calls this sets a deadline for the whole."""


def fault_at(port: int) -> str | None:
    """
    Return what is wrong with the service at *port* of this machine, if anything is.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer at port {port}: {type(error).__name__}"
    finally:
        connection.close()
    return None if status == http.client.OK else f"port {port} answers {status}"


if __name__ == "__main__":
    sys.exit(fault_at(int(os.environ.get("PORT", "8000"))))
