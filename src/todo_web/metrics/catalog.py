"""
Every metric there is: the program counts by these, the reference page, the alerts and the dashboard are held to them.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Kind(Enum):
    """
    What Prometheus takes a metric for.
    """

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Across(Enum):
    """
    What a number tells where several processes serve behind one port.
    """

    SUM = "all processes together"
    MOST = "the process with the most"
    DEPLOYMENT = "the whole deployment: each process tells the same"


@frozen
class Metric:
    """
    One metric: what it is called, what it tells, by what it is told apart.
    """

    name: str
    help: str
    kind: Kind
    labels: tuple[str, ...] = ()
    across: Across = Across.SUM
    buckets: tuple[float, ...] = ()


_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LAG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_MAIL = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)

REQUESTS = Metric(
    "todo_http_requests_total",
    "Requests answered. The route is its template, or (none) where no route was found; a method that is no usual one"
    " is OTHER.",
    Kind.COUNTER,
    ("route", "method", "status"),
)
REQUEST_SECONDS = Metric(
    "todo_http_request_duration_seconds",
    "From a request's headers to the beginning of its answer, which a stream of events has soon.",
    Kind.HISTOGRAM,
    ("route",),
    buckets=_QUICK,
)
IN_FLIGHT = Metric("todo_http_requests_in_flight", "Requests being answered, streams of events among them.", Kind.GAUGE)
STREAMS = Metric("todo_event_streams_open", "Streams of events that are open.", Kind.GAUGE)
LIMITS = Metric(
    "todo_limit_refusals_total",
    "Times that a limit was used up, the silent ones too; the limit by its name.",
    Kind.COUNTER,
    ("limit",),
)

HASHING = Metric("todo_password_hashes_running", "Passwords being hashed.", Kind.GAUGE)
HASHES_WAITING = Metric("todo_password_hashes_waiting", "Passwords that wait for a thread to hash them.", Kind.GAUGE)
HASHES_REFUSED = Metric(
    "todo_password_hashes_refused_total",
    "Requests sent away with 503 because as many wait to be hashed as may.",
    Kind.COUNTER,
)

CONNECTIONS = Metric("todo_database_connections_open", "Connections that the pool holds.", Kind.GAUGE)
CONNECTIONS_IN_USE = Metric("todo_database_connections_in_use", "Those that somebody works with.", Kind.GAUGE)
CONNECTIONS_MOST = Metric(
    "todo_database_connections_max", "How many there may be: DATABASE_POOL_SIZE and DATABASE_MAX_OVERFLOW.", Kind.GAUGE
)
CONNECTIONS_AWAITED = Metric("todo_database_connections_awaited", "Those who wait for a connection.", Kind.GAUGE)
CONNECTIONS_REFUSED = Metric(
    "todo_database_connection_timeouts_total", "Times that nobody gave a connection back in time: a 503.", Kind.COUNTER
)
DATABASE_ANSWERS = Metric(
    "todo_database_answers",
    "1 if the database answered what is asked for this page, 0 if not; the outbox is left out then.",
    Kind.GAUGE,
    across=Across.DEPLOYMENT,
)

OUTBOX = Metric("todo_outbox_mails", "Mails that are kept, by state.", Kind.GAUGE, ("state",), Across.DEPLOYMENT)
OLDEST_DUE = Metric(
    "todo_outbox_oldest_due_seconds",
    "For how long the mail has been due that is due longest; 0 when none is.",
    Kind.GAUGE,
    across=Across.DEPLOYMENT,
)
MISCONFIGURED = Metric(
    "todo_outbox_misconfigured",
    "1 while mail waits because the provider refuses us until an operator acts.",
    Kind.GAUGE,
    across=Across.DEPLOYMENT,
)
DELIVERIES = Metric(
    "todo_mail_deliveries_total",
    "What became of mails that a courier took: sent, retried, returned, dead or lost.",
    Kind.COUNTER,
    ("kind", "outcome"),
)
WISH_TO_ACCEPTANCE = Metric(
    "todo_mail_wish_to_acceptance_seconds",
    "From the wish for a mail until the provider took it, all tries included; of a reminder, from when it"
    " was last due.",
    Kind.HISTOGRAM,
    ("kind",),
    buckets=_MAIL,
)
SENDS = Metric(
    "todo_mail_sends_total",
    "What each provider answered: accepted, rejected, unavailable, interrupted, misconfigured; or failed, a fault of"
    " ours.",
    Kind.COUNTER,
    ("provider", "outcome"),
)
SEND_SECONDS = Metric(
    "todo_mail_send_duration_seconds",
    "How long each provider took to answer.",
    Kind.HISTOGRAM,
    ("provider",),
    buckets=_SLOW,
)
COURIER_LOOKED = Metric(
    "todo_courier_last_look_timestamp_seconds",
    "When a courier last looked into the outbox; 0 where none runs.",
    Kind.GAUGE,
    across=Across.MOST,
)

LAG = Metric(
    "todo_event_loop_lag_seconds",
    "How late the event loop came to what was due, looked at each second.",
    Kind.HISTOGRAM,
    buckets=_LAG,
)
PROCESSES = Metric("todo_processes", "Processes that live.", Kind.GAUGE)
MEMORY = Metric("todo_process_resident_memory_bytes", "Memory that is resident.", Kind.GAUGE)
FILES = Metric("todo_process_open_files", "File descriptors that are open, sockets among them.", Kind.GAUGE)
FILES_MOST = Metric("todo_process_max_files", "How many one process may have open.", Kind.GAUGE, across=Across.MOST)
CPU = Metric("todo_process_cpu_seconds_total", "Time on a processor.", Kind.COUNTER)
BUILD = Metric("todo_build_info", "1; its labels tell what runs.", Kind.GAUGE, ("version", "python"), Across.MOST)

GROUPS: dict[str, tuple[Metric, ...]] = {
    "Requests": (REQUESTS, REQUEST_SECONDS, IN_FLIGHT, STREAMS, LIMITS),
    "Passwords": (HASHING, HASHES_WAITING, HASHES_REFUSED),
    "Database": (
        *(CONNECTIONS, CONNECTIONS_IN_USE, CONNECTIONS_MOST, CONNECTIONS_AWAITED),
        *(CONNECTIONS_REFUSED, DATABASE_ANSWERS),
    ),
    "Mail": (
        *(OUTBOX, OLDEST_DUE, MISCONFIGURED, DELIVERIES, WISH_TO_ACCEPTANCE),
        *(SENDS, SEND_SECONDS, COURIER_LOOKED),
    ),
    "Process": (LAG, PROCESSES, MEMORY, FILES, FILES_MOST, CPU, BUILD),
}
"""All of them, in the order of the reference page."""

ALL = tuple(metric for group in GROUPS.values() for metric in group)
