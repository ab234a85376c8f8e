"""The receiver's page: the newest calls, readable without knowing anything of JSON."""

from __future__ import annotations

import html
from collections.abc import Iterable

from local.call import Call

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
article { border: 1px solid #ccc; border-radius: 6px; margin: 1rem 0; padding: .5rem 1rem }
h2 { font-size: 1rem; margin: .3rem 0 } .bad { color: #b00020 } .good { color: #0a7a2f }
pre { background: #f6f6f6; overflow-x: auto; padding: .6rem; white-space: pre-wrap }
td { padding-right: 1rem; vertical-align: top; word-break: break-all } small { color: #555 }
"""


def page(calls: Iterable[Call]) -> bytes:
    """The page for these calls, newest first; it renews itself."""
    articles = "".join(_article(call) for call in calls)
    empty = "<p>Nothing yet. Give a webhook this address and publish an event.</p>"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
        f"<title>Hookline receiver</title><style>{STYLE}</style><h1>What arrived here</h1>"
        "<p>As JSON: <a href=/_calls>/_calls</a>. Paths that misbehave: <code>/fail/2</code>, "
        "<code>/status/503</code>, <code>/stall/20</code>, <code>/reset</code>, "
        "<code>/gone</code>, <code>/redirect</code>, <code>/retry-after/30</code>.</p>"
        f"{articles or empty}</html>"
    ).encode()


def _article(call: Call) -> str:
    good = 200 <= call.status < 300
    answer = f"answered {call.status}" if call.status else "connection reset"
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td>{html.escape(value)}"
        for name, value in call.headers.items()
    )
    return (
        f"<article><h2>#{call.number} {html.escape(call.method)} {html.escape(call.path)} "
        f"<span class={'good' if good else 'bad'}>{answer}</span></h2>"
        f"<small>{call.received_at}</small><pre>{html.escape(call.body)}</pre>"
        f"<details><summary>headers</summary><table>{rows}</table></details></article>"
    )
