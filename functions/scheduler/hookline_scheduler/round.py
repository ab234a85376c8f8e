"""One round of the scheduler: each kind of work gets its share of the minute."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from hookline.adapters.metrics import Metric, Metrics
from hookline.errors import Unavailable
from hookline.ports_recovery import RecoverJobs
from hookline.services.advance_recovery import AdvanceRecovery
from hookline.services.look_after import LookAfterWebhooks
from hookline.services.release_due import ReleaseDue
from hookline.services.sweep import Sweep

_LOOK_AFTER_UNTIL = timedelta(seconds=42)
_SWEEP_UNTIL = timedelta(seconds=28)
_RELEASE_UNTIL = timedelta(seconds=16)
_RECOVER_UNTIL = timedelta(seconds=6)
"""What must be left of the function's time for a kind of work to go on, in the order they go: what
the sweep puts on the clock is released in the same round."""


class Round:
    """Work that fails leaves the others their turn, and comes again in the next round."""

    def __init__(
        self,
        *,
        release_due: ReleaseDue,
        look_after: LookAfterWebhooks,
        sweep: Sweep,
        jobs: RecoverJobs,
        advance_recovery: AdvanceRecovery,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._release_due = release_due
        self._look_after = look_after
        self._sweep = sweep
        self._jobs = jobs
        self._advance_recovery = advance_recovery
        self._logger = logger
        self._metrics = metrics

    def __call__(self, run: str, remaining: Callable[[], timedelta]) -> bool:
        """Whether all of it could be done; ``run`` names this round and no other."""

        def while_over(left: timedelta) -> Callable[[], bool]:
            return lambda: remaining() > left

        done = [
            self._try("look_after", lambda: self._pace(while_over(_LOOK_AFTER_UNTIL))),
            self._try("sweep", lambda: self._mend(run, while_over(_SWEEP_UNTIL))),
            self._try("release", lambda: self._release(while_over(_RELEASE_UNTIL))),
            self._try("recover", lambda: self._recover(while_over(_RECOVER_UNTIL))),
        ]
        self._metrics.flush()
        return all(done)

    def _pace(self, has_time: Callable[[], bool]) -> dict[str, object]:
        done = self._look_after(has_time)
        self._metrics.add(Metric.CIRCUITS_OPEN, done.open_circuits)
        self._metrics.add(Metric.RELEASED, done.released, outcome="webhook")
        self._metrics.add(Metric.RELEASED, done.probes, outcome="probe")
        return asdict(done)

    def _release(self, has_time: Callable[[], bool]) -> dict[str, object]:
        released = self._release_due(has_time)
        self._metrics.add(Metric.RELEASED, released, outcome="clock")
        return {"released": released}

    def _mend(self, run: str, has_time: Callable[[], bool]) -> dict[str, object]:
        mended = self._sweep(run, has_time)
        self._metrics.add(Metric.MENDED, mended)
        return {"mended": mended}

    def _recover(self, has_time: Callable[[], bool]) -> dict[str, object]:
        resent = 0
        for job in self._jobs.running():
            resent += self._advance_recovery(job, has_time).resent - job.resent
        self._metrics.add(Metric.RELEASED, resent, outcome="recover")
        return {"resent": resent}

    def _try(self, name: str, work: Callable[[], dict[str, object]]) -> bool:
        try:
            self._logger.info(f"scheduler.{name}", extra=work())
        except Unavailable as error:
            self._logger.warning(f"scheduler.{name}.failed", extra={"reason": str(error)})
            return False
        return True
