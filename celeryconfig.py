"""The whole topology on one page: queues, routes, limits, acknowledgement, priorities.

Celery reads the upper half as its configuration. Names are Celery's own
(https://docs.celeryq.dev/en/stable/userguide/configuration.html); numbers that a person may want to
change come from `clerk.settings`. Set CELERY_CONFIG_MODULE to use another module instead.
"""

from datetime import timedelta

from celery.app.backends import BACKEND_ALIASES
from celery.schedules import crontab
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from clerk.settings import current

_settings = current()
_limits = _settings.limits


def _seconds(value: timedelta) -> int:
    return max(1, int(value.total_seconds()))


# -- servers --------------------------------------------------------------------------------------

broker_url = _settings.broker_url
result_backend = _settings.result_url
# kombu's own transport, but rubbish in a queue goes to the dead letters instead of ending a worker
TRANSPORT_ALIASES |= dict.fromkeys(
    ("redis", "rediss", "redis+socket"), "clerk.quarantine:Transport"
)
# Celery's own backend, but no sender of a chord listens for results that nobody asks for
BACKEND_ALIASES |= dict.fromkeys(("redis", "rediss"), "clerk.results:Backend")

# -- five queues, each on an exchange of its own: one shared exchange would fan messages out ------

# A worker of all queues serves them in this order: what is nearly done is finished first.
_NAMES = _settings.queues.names
QUEUES = tuple(_NAMES[own] for own in ("high", "deploy", "extraction", "fetch", "ocr"))
task_queues = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
task_default_queue = task_default_exchange = task_default_routing_key = _NAMES["fetch"]
task_create_missing_queues = False

# -- who runs where (fetch_site of a high run is sent to `high` by flow.py) -----------------------

_STAGE = {
    "clerk.fetch_site": "fetch",
    "clerk.fetch_document": "fetch",
    "clerk.fetch_complete": "fetch",
    "clerk.ocr_page": "ocr",
    "clerk.ocr_complete": "ocr",
    "clerk.extract_meeting": "extraction",
    "clerk.extract_complete": "extraction",
    "clerk.compile_database": "extraction",
    "clerk.draw_pages": "deploy",
    "clerk.draw_complete": "deploy",
    "clerk.deploy": "deploy",
    "clerk.enqueue_all": "fetch",
    "clerk.housekeeping": "deploy",
    "clerk.noop": "deploy",
}
task_routes = {task: {"queue": _NAMES[stage]} for task, stage in _STAGE.items()}

# -- how long a task may take: the soft limit lets it say so, the hard one kills its process ------

_LIMIT = {
    "fetch": _seconds(_limits.fetch),
    "ocr": _seconds(_limits.ocr),
    "extraction": _seconds(_limits.extraction),
    "deploy": _seconds(_limits.deploy),
}
task_annotations = {
    task: {
        "time_limit": _LIMIT[stage],
        "soft_time_limit": _LIMIT[stage] * 9 // 10,
    }
    for task, stage in _STAGE.items()
}

# -- nothing is acknowledged before it is done; the ledger in Postgres makes repeats harmless -----

task_acks_late = True
task_acks_on_failure = True
task_acks_on_timeout = True
task_reject_on_worker_lost = True
task_retry_on_worker_lost = True
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = False
worker_soft_shutdown_timeout = 30.0  # needs REMAP_SIGTERM=SIGQUIT in the environment
worker_enable_soft_shutdown_on_idle = False

# -- Redis: 0 is the most urgent of ten steps; unacknowledged messages come back after the longest
#    limit and a margin (the reconciler is far quicker)

VISIBILITY_TIMEOUT = max(_LIMIT.values()) + 3600
PRIORITY_STEPS = list(range(10))
broker_transport_options = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    "queue_order_strategy": "priority",
    "priority_steps": PRIORITY_STEPS,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
result_backend_transport_options = {"visibility_timeout": VISIBILITY_TIMEOUT}
task_default_priority = 4
broker_connection_retry_on_startup = True
broker_connection_max_retries = None

# -- results: only chord headers have one, and their body forgets it ------------------------------

task_ignore_result = True
result_expires = _seconds(_settings.retention.results)
result_chord_expires = 7 * 24 * 3600
result_backend_always_retry = True
result_backend_max_retries = 60
redis_backend_health_check_interval = 30
redis_socket_timeout = 30.0
redis_socket_connect_timeout = 5.0
# redis-py refuses it for a unix socket.
redis_socket_keepalive = not _settings.redis_url.startswith("unix:")

# -- JSON only: a pickle in the broker would be somebody else's code ------------------------------

task_serializer = "json"
result_serializer = "json"
accept_content = ["json"]
result_accept_content = ["json"]

# -- processes ------------------------------------------------------------------------------------

worker_max_tasks_per_child = 2000
worker_max_memory_per_child = 600_000  # KiB; a child over it ends after its task
worker_eta_task_limit = 1000
worker_hijack_root_logger = False
worker_send_task_events = True
task_send_sent_event = True
task_track_started = False
enable_utc = True
timezone = "UTC"

# -- beat: what happens by the clock --------------------------------------------------------------

beat_schedule: dict[str, dict[str, object]] = {
    "housekeeping": {"task": "clerk.housekeeping", "schedule": 3600.0},
}
if _settings.nightly != "off":
    _hour, _minute = _settings.nightly.split(":")
    beat_schedule["nightly"] = {
        "task": "clerk.enqueue_all",
        "schedule": crontab(hour=_hour, minute=_minute),
    }
