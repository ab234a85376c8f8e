"""A delivery's life: the one place that says what may happen to it and what it is afterwards.

::

    created ──► retrying ──► success | failed | cancelled
       └───────────────────►─┘   └─► retry-now, redrive: the same again, as a new generation

`deciding` says what a queue message leads to, `settling` what an attempt's outcome makes of the
delivery, `changing` what users and the scheduler make of it. All of it is pure: each change takes
the delivery before and gives the delivery after, to be put in its place by compare and set.
"""
