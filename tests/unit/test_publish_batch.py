from __future__ import annotations

from collections.abc import Callable, Iterable

from hookline.errors import Conflict, Rejected, TooManyRequests
from hookline.services.event.publish import Accepted, PublishBatch
from tests.builders import TENANT
from tests.engine.engine import Engine
from tests.unit.test_publish import publisher


def backwards[Item, Result](
    function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterable[Result]:
    """Runs what is started last first, as threads may."""
    return [function(item) for item in reversed(list(items))]


def test_the_answers_are_in_the_order_of_the_events() -> None:
    publish = PublishBatch(publish=publisher(Engine()), concurrently=backwards)
    answers = publish(TENANT, [{"type": "a"}, {"type": "hookline.b"}, "nonsense", {"type": "c"}])
    first, second, third, fourth = answers
    assert isinstance(first, Accepted)
    assert isinstance(second, Rejected)
    assert [error.field for error in second.errors] == ["type"]
    assert isinstance(third, Rejected)
    assert isinstance(fourth, Accepted)
    assert (first.type, fourth.type) == ("a", "c")


def test_of_several_events_with_one_id_the_first_is_accepted() -> None:
    engine = Engine()
    publish = PublishBatch(publish=publisher(engine), concurrently=backwards)
    answers = publish(TENANT, [{"type": "a", "id": f"e-{n % 2}", "data": n % 4} for n in range(6)])
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    assert [answer.duplicate for answer in accepted] == [False, False, True, True]
    assert [isinstance(answer, Conflict) for answer in answers[2:4]] == [True, True]
    kept = [engine.events_table.get(TENANT, answer.id) for answer in accepted[:2]]
    assert [event.data for event in kept if event is not None] == [0, 1]


def test_what_comes_after_the_quota_is_refused_alone() -> None:
    publish = PublishBatch(
        publish=publisher(Engine(), left=1),
        concurrently=lambda function, items: [function(item) for item in items],
    )
    accepted, refused = publish(TENANT, [{"type": "a"}, {"type": "b"}])
    assert isinstance(accepted, Accepted)
    assert isinstance(refused, TooManyRequests)
