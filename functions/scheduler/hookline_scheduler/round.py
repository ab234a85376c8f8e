"""The scheduler's rounds: little work is done at once, more in pieces side by side."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from hookline.adapters.telemetry import Metric, Metrics, millis_since
from hookline.domain.delivery.delivery import CLOCK_SHARDS
from hookline.domain.delivery.rotation import ALL, Share
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.rounds import Leases, Piece, Pieces
from hookline.services.fan_out.sweep import Sweep
from hookline.services.waiting.advance_recovery import AdvanceRecoveries
from hookline.services.waiting.release_due import ReleaseDue
from hookline.services.waiting.round_robin import Failure
from hookline.services.waiting.webhook_round import WebhookRound

_UNTIL = {
    "webhook_round": timedelta(seconds=54),
    "sweep": timedelta(seconds=48),
    "release": timedelta(seconds=42),
    "recover": timedelta(seconds=36),
}
"""The time that must be left to continue a kind of work within the round, in their order: what
the sweep puts on the clock is released in the same round. Six seconds each."""

_PIECE_UNTIL = timedelta(seconds=6)
"""The same in an invocation for a single piece."""

_A_PIECE = timedelta(seconds=60)
"""How long an invocation holds a piece: as long as the function may run."""

_FAR_BEHIND = timedelta(minutes=2)
"""Once deliveries have been due for this long, four invocations work on each shard of the clock."""


@dataclass(frozen=True, slots=True)
class _Done:
    """The result of a part: its log fields, the turns that failed, and what is left."""

    fields: dict[str, int]
    failed: Sequence[Failure] = ()
    cut_short: bool = False
    behind: timedelta = timedelta(0)
    served: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The kinds of work."""

    release_due: ReleaseDue
    webhook_round: WebhookRound
    sweep: Sweep
    recover: AdvanceRecoveries


class Round:
    """Runs each kind of work; one that fails does not stop the others, and runs again next round.

    What a round has no time for continues at once in pieces, each in an invocation of its own: as
    many as the load needs, and none while there is little to do.
    """

    def __init__(
        self,
        works: Works,
        *,
        pieces: Pieces,
        leases: Leases,
        clock: Clock,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._works = works
        self._pieces = pieces
        self._leases = leases
        self._clock = clock
        self._logger = logger
        self._metrics = metrics

    def __call__(self, run: str, remaining: Callable[[], timedelta]) -> bool:
        """Whether all of it was done; ``run`` is this round's unique name."""
        succeeded = [
            self._try(work, lambda work=work: self._part(work, run, remaining))  # type: ignore[misc]  # a default binds it now
            for work in _UNTIL
        ]
        self._metrics.flush()
        return all(succeeded)

    def piece(self, piece: Piece, run: str, remaining: Callable[[], timedelta]) -> bool:
        """Whether the piece was done, or belongs to another invocation."""
        succeeded = self._try(piece.work, lambda: self._alone(piece, run, remaining))
        self._metrics.flush()
        return succeeded

    def _part(self, work: str, run: str, remaining: Callable[[], timedelta]) -> _Done:
        done = self._do(Piece(work, ALL), run, lambda: remaining() > _UNTIL[work])
        if done.cut_short:
            count = CLOCK_SHARDS * (4 if done.behind >= _FAR_BEHIND else 1)
            shares = [Share(number, count) for number in range(count)]
            self._pieces.start([Piece(work, share, done.served) for share in shares])
        return done

    def _alone(self, piece: Piece, run: str, remaining: Callable[[], timedelta]) -> _Done:
        now = self._clock()
        if not self._leases.take(piece.name, run, now, now + _A_PIECE):
            return _Done({"held": 1})
        done = self._do(piece, run, lambda: remaining() > _PIECE_UNTIL)
        if done.cut_short:
            self._metrics.add(Metric.CUT_SHORT)
        self._leases.give_back(piece.name, run, self._clock())
        return done

    def _do(self, piece: Piece, run: str, has_time: Callable[[], bool]) -> _Done:
        match piece.work:
            case "webhook_round":
                return self._webhooks(piece, has_time)
            case "sweep":
                return self._mend(piece, run, has_time)
            case "release":
                return self._release(piece, has_time)
            case _:
                return self._resend(piece, has_time)

    def _webhooks(self, piece: Piece, has_time: Callable[[], bool]) -> _Done:
        done = self._works.webhook_round(has_time, piece.share, piece.served)
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
        return _Done(counts, done.failed, done.cut_short, served=done.served)

    def _release(self, piece: Piece, has_time: Callable[[], bool]) -> _Done:
        done = self._works.release_due(has_time, piece.share)
        self._metrics.add(Metric.RELEASED, done.count, outcome="clock")
        if done.behind:  # a metric costs what it is written for: nothing while there is no lag
            self._metrics.add(Metric.OLDEST_DUE, done.behind.total_seconds())
        return _Done({"released": done.count}, done.failed, done.cut_short, done.behind)

    def _mend(self, piece: Piece, run: str, has_time: Callable[[], bool]) -> _Done:
        done = self._works.sweep(run, has_time, piece.share)
        self._metrics.add(Metric.MENDED, done.mended)
        if done.lag:
            self._metrics.add(Metric.SWEEP_LAG, done.lag.total_seconds())
        return _Done({"mended": done.mended}, done.failed, done.cut_short)

    def _resend(self, piece: Piece, has_time: Callable[[], bool]) -> _Done:
        done = self._works.recover(has_time, piece.share)
        self._metrics.add(Metric.RELEASED, done.resent, outcome="recover")
        return _Done({"resent": done.resent}, done.failed, done.cut_short)

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
        fields = {**done.fields, "behind_s": int(done.behind.total_seconds()) or None}
        told = {**fields, "cut_short": done.cut_short or None, "duration_ms": millis_since(began)}
        self._logger.info(f"scheduler.{name}", extra=told)
        return not done.failed
