"""A delivery's life: the one place that says what may happen to it and what it is afterwards.

::

    created ──► retrying ──► success | failed | cancelled
       └───────────────────►─┘   └─► retry-now, redrive: the same again, as a new generation

`deciding` says what a queue message leads to, `settling` what an attempt's outcome makes of the
delivery, `changing` what users and the scheduler make of it. All of it is pure: each change takes
the delivery before and gives the delivery after, to be put in its place by compare and set.
"""

from hookline.domain.lifecycle.changing import (
    cancel,
    claim,
    expire,
    hold,
    may_have_copies,
    planned_for,
    postpone,
    release,
    resume,
    retry_now,
    task_of,
    too_old,
    unclaim,
    watch,
)
from hookline.domain.lifecycle.deciding import (
    Decision,
    End,
    Hide,
    Hold,
    Ignore,
    Make,
    PutBack,
    basis_of,
    decide,
)
from hookline.domain.lifecycle.settling import (
    Delivered,
    Gone,
    NotYet,
    Plan,
    Settled,
    Verdict,
    judge,
    record_late,
    settle,
)

__all__ = [
    "Decision",
    "Delivered",
    "End",
    "Gone",
    "Hide",
    "Hold",
    "Ignore",
    "Make",
    "NotYet",
    "Plan",
    "PutBack",
    "Settled",
    "Verdict",
    "basis_of",
    "cancel",
    "claim",
    "decide",
    "expire",
    "hold",
    "judge",
    "may_have_copies",
    "planned_for",
    "postpone",
    "record_late",
    "release",
    "resume",
    "retry_now",
    "settle",
    "task_of",
    "too_old",
    "unclaim",
    "watch",
]
