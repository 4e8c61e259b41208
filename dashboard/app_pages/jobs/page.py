"""Who waits for what? The queue, what has ended and why, and the workers."""

from dashboard.ui.about import page_head
from dashboard.ui.job_queue import ask_person, show_ended, show_queue, show_workers

page_head(
    "Jobs",
    "A job is a run, or several, being computed by a worker. Everyone who opens this dashboard "
    "shares one queue. Every step is stored when it is done, so a job that is cancelled, fails or "
    "loses its server goes on at its first missing step. A worker that dies is replaced and its "
    "job tried once more. Workers are those of [Dask](https://distributed.dask.org).",
)
show_queue()
show_ended()
show_workers()
ask_person()
