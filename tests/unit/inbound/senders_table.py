"""The table of presets in docs/inbound.md, made of what the tests try.

``PYTHONPATH=.:layers/core python -m tests.unit.inbound.senders_table`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator

from hookline.domain.inbound.presets import Preset, preset, preset_names
from hookline.domain.inbound.schemes import Basic, Hmac, PublicKey, Scheme, Token
from hookline.domain.inbound.signatures import Verified
from hookline.domain.inbound.verify import Verify
from tests.unit.inbound.senders import ALL, Signed


def table() -> str:
    """All of it."""
    return "\n".join(_lines()) + "\n"


def setup() -> str:
    """What to do on each sender's side."""
    known = [found for name in preset_names() if (found := preset(name))]
    own = [each for each in known if each.name == "svix" or "svix" not in str(each.schemes)]
    like = sorted(each.title for each in known if each not in own)
    lines = [
        f"- **{each.title}** (`{each.name}`, [docs]({each.docs})): {each.setup}" for each in own
    ]
    return "\n".join(lines) + f"\n- **Those who send by Svix** ({', '.join(like)}): as Svix.\n"


def _lines() -> Iterator[str]:
    yield "| `verify.type` | proof | time | repeats told by | type | handshake | tried with |"
    yield "|---|---|---|---|---|---|---|"
    for name in preset_names():
        known = preset(name)
        tried = [each for each in ALL if each.preset == (name if _own(name) else "svix")]
        if known and tried:
            yield _line(known, tried[0])


def _own(name: str) -> bool:
    return any(each.preset == name for each in ALL)


def _line(known: Preset, tried: Signed) -> str:
    verdict = tried.judged()
    timed = isinstance(verdict, Verified) and verdict.signature is not None
    first = Verify({"type": known.name, **tried.verify}).schemes[0]
    seconds = first.timestamp if isinstance(first, Hmac | PublicKey) else None
    time = f"{seconds.tolerance.total_seconds():.0f} s, once" if timed and seconds else "none"
    notes = [each.note.partition(":")[0] for each in known.challenges]
    if known.confirm:
        notes.append(known.confirm.note)
    cells = (
        f"`{known.name}`",
        _proof(first) + ("" if known.signs_body else " (of some fields)"),
        time,
        f"`{known.id.kind}:{known.id.name}`" if known.id else "none",
        f"`{known.event_type.kind}:{known.event_type.name}`" if known.event_type else "none",
        ", ".join(f"`{each}`" for each in dict.fromkeys(notes)) or "none",
        tried.made_by.partition(":")[0],
    )
    return f"| {' | '.join(cells)} |"


def _proof(scheme: Scheme) -> str:
    match scheme:
        case Hmac():
            return f"HMAC {scheme.algorithm}, `{scheme.place.name}`"
        case PublicKey():
            return f"{scheme.algorithm}, `{scheme.place.name}`"
        case Token(place):
            return f"token, {place.kind} `{place.name}`"
        case Basic():
            return "user and password"
        case _:
            return "none"


if __name__ == "__main__":
    print(table())  # noqa: T201 - that is what it is for
    print(setup())  # noqa: T201 - as above
