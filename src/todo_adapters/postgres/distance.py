"""
How far away a database is, and how the way to it is protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from todo_adapters.postgres.engine import normalised

_NEAR = (".localhost", ".internal", ".local", ".home.arpa")
"""Names for networks of one's own: RFC 6761, ICANN's resolution on ``.internal`` of 2024, RFC 6762, RFC 8375."""


def is_far(url: str) -> bool:
    """
    Tell whether the database at *url* may be beyond the own network.

    Near are sockets of this machine, private addresses (RFC 1918, RFC 4193), names of one label, as containers have
    for each other, and names that the Internet does not have.

    Raises:
        ValueError: *url* is none of a PostgreSQL database.
    """
    parsed = normalised(url)
    said = [parsed.host or "", *_said(parsed.query, "host"), *_said(parsed.query, "hostaddr")]
    return any(_is_far(host) for host in ",".join(said).split(","))


def tls_mode(url: str) -> str:
    """
    Return the URL's ``sslmode``: ``prefer`` where it does not say one, as libpq has it, and of several none.
    """
    modes = _said(normalised(url).query, "sslmode") or ["prefer"]
    return modes[0] if len(modes) == 1 else ""


def _said(query: Mapping[str, tuple[str, ...] | str], name: str) -> list[str]:
    value = query.get(name, ())
    return [value] if isinstance(value, str) else list(value)


def _is_far(host: str) -> bool:
    name = host.strip().lower().rpartition(":")[0] if host.count(":") == 1 else host.strip().lower()
    try:
        return not ip_address(name).is_private
    except ValueError:
        return not (name.startswith(("/", "@")) or "." not in name.strip(".") or name.rstrip(".").endswith(_NEAR))
