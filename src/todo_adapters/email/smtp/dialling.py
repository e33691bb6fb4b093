"""
The way to a server: from its name to a connected socket.
"""

from __future__ import annotations

import asyncio
import socket

from todo_adapters.email.smtp.steps import step


async def dial(host: str, port: int, *, deadline: float) -> socket.socket:
    """
    Return a socket that is connected to the first of the host's addresses that answers.

    Raises:
        EmailUnavailable: the host has no address, or none that answers.
        EmailMisconfigured: it cannot be a host's name.
    """
    async with step("resolve", deadline):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    async with step("connect", deadline):
        failure: OSError | None = None
        for family, kind, protocol, _, address in found:
            try:
                return await _connected(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = error
        raise failure or OSError


async def _connected(dialled: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        dialled.settimeout(0)
        await asyncio.get_running_loop().sock_connect(dialled, address)
    except BaseException:
        dialled.close()
        raise
    return dialled
