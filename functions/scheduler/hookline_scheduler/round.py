"""One round of the scheduler: each kind of work gets its share of the minute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from hookline.adapters.telemetry.log_lines import millis_since
from hookline.adapters.telemetry.metrics import Metric, Metrics
from hookline.errors import Unavailable
from hookline.services.fan_out.sweep import Sweep
from hookline.services.waiting.advance_recovery import AdvanceRecoveries
from hookline.services.waiting.release_due import ReleaseDue
from hookline.services.waiting.round_robin import Failure
from hookline.services.waiting.webhook_round import WebhookRound

_WEBHOOKS_UNTIL = timedelta(seconds=42)
_SWEEP_UNTIL = timedelta(seconds=28)
_RELEASE_UNTIL = timedelta(seconds=16)
_RECOVER_UNTIL = timedelta(seconds=6)
"""What must be left of the function's time for a kind of work to go on, in the order they go: what
the sweep puts on the clock is released in the same round."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a part did, as its log line says it, and whose turns in it failed."""

    fields: dict[str, int]
    failed: Sequence[Failure] = ()


class Round:
    """Work that fails leaves the others their turn, and comes again in the next round."""

    def __init__(
        self,
        *,
        release_due: ReleaseDue,
        webhook_round: WebhookRound,
        sweep: Sweep,
        recover: AdvanceRecoveries,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._release_due = release_due
        self._webhook_round = webhook_round
        self._sweep = sweep
        self._recover = recover
        self._logger = logger
        self._metrics = metrics

    def __call__(self, run: str, remaining: Callable[[], timedelta]) -> bool:
        """Whether all of it could be done; ``run`` names this round and no other."""

        def while_over(left: timedelta) -> Callable[[], bool]:
            return lambda: remaining() > left

        done = [
            self._try("webhook_round", lambda: self._webhooks(while_over(_WEBHOOKS_UNTIL))),
            self._try("sweep", lambda: self._mend(run, while_over(_SWEEP_UNTIL))),
            self._try("release", lambda: self._release(while_over(_RELEASE_UNTIL))),
            self._try("recover", lambda: self._resend(while_over(_RECOVER_UNTIL))),
        ]
        self._metrics.flush()
        return all(done)

    def _webhooks(self, has_time: Callable[[], bool]) -> _Done:
        done = self._webhook_round(has_time)
        self._metrics.add(Metric.CIRCUITS_OPEN, done.open_circuits)
        self._metrics.add(Metric.RELEASED, done.released, outcome="webhook")
        self._metrics.add(Metric.RELEASED, done.probes, outcome="probe")
        counts = {
            "webhooks": done.webhooks,
            "open_circuits": done.open_circuits,
            "released": done.released,
            "probes": done.probes,
            "ended": done.ended,
        }
        return _Done(counts, done.failed)

    def _release(self, has_time: Callable[[], bool]) -> _Done:
        done = self._release_due(has_time)
        self._metrics.add(Metric.RELEASED, done.count, outcome="clock")
        return _Done({"released": done.count}, done.failed)

    def _mend(self, run: str, has_time: Callable[[], bool]) -> _Done:
        done = self._sweep(run, has_time)
        self._metrics.add(Metric.MENDED, done.mended)
        return _Done({"mended": done.mended}, done.failed)

    def _resend(self, has_time: Callable[[], bool]) -> _Done:
        done = self._recover(has_time)
        self._metrics.add(Metric.RELEASED, done.resent, outcome="recover")
        return _Done({"resent": done.resent}, done.failed)

    def _try(self, name: str, work: Callable[[], _Done]) -> bool:
        began = perf_counter()
        try:
            done = work()
        except Unavailable as error:
            self._logger.warning(f"scheduler.{name}.failed", extra={"reason": str(error)})
            return False
        except Exception:  # one part's surprise must not take the others' turns
            self._logger.exception(f"scheduler.{name}.failed")
            return False
        for turn in done.failed:
            self._logger.error(
                f"scheduler.{name}.one_failed", exc_info=turn.error, extra={"whose": turn.whose}
            )
        millis = millis_since(began)
        self._logger.info(f"scheduler.{name}", extra={**done.fields, "duration_ms": millis})
        return not done.failed
