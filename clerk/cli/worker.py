"""`clerk worker`: becomes `celery -A clerk worker` with the right queues and environment."""

import os

import click

TYPES = ("fetch", "ocr", "extraction", "deploy")


@click.command("worker")
@click.argument("queue", type=click.Choice(TYPES), required=False)
@click.option("-n", "--number", type=click.IntRange(min=0), help="Worker processes (0: none).")
@click.option("--burst", is_flag=True, help="End when the queue is drained, retries included.")
@click.option("--fail-on-error", is_flag=True, help="With --burst: exit 1 if a job failed.")
@click.option("--name", help="Tell this worker from others of the queue on this host.")
@click.option(
    "--max-jobs", type=click.IntRange(min=1), help="Replace a worker process after so many jobs."
)
def command(
    queue: str | None,
    *,
    number: int | None,
    burst: bool,
    fail_on_error: bool,
    name: str | None,
    max_jobs: int | None,
) -> None:
    """Start workers of QUEUE; every worker takes from `high` first.

    Without QUEUE: one worker of the queues in `workers.queues` (RQ_QUEUE_NAMES).

    Example: clerk worker ocr -n 4
    """
    from clerk.settings import current
    from clerk.worker import node_name, worker_command

    settings = current()
    queues = [queue] if queue else settings.queues.stages(settings.workers.queues)
    count = sum(getattr(settings.workers, name) for name in queues) if number is None else number
    name = name or settings.workers.name
    if count == 0:
        click.echo(f"0 {queues[0]} workers asked for: nothing to do.")
        return
    extra = []
    if burst:
        extra.append("--burst")
    if fail_on_error:
        extra.append("--fail-on-error")
    if max_jobs:
        extra += ["--max-tasks-per-child", str(max_jobs)]
    argv, environment = worker_command(
        queues,
        count,
        names=settings.queues.names,
        name=node_name(queues[0], name) if name else None,
        log_level=settings.log_level,
        extra=extra,
    )
    os.execvpe(argv[0], argv, {**os.environ, **environment})  # noqa: S606 - no shell involved
