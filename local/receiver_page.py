"""The receiver's page: the newest calls, readable without knowing anything of JSON."""

from __future__ import annotations

import html
from collections.abc import Iterable

from local.call import Call

STYLE = """
:root {
  color-scheme: light dark;
  --paper: light-dark(#fff, #14171c); --ground: light-dark(#f5f6f8, #0e1014);
  --ink: light-dark(#171b22, #e6e9ee); --faint: light-dark(#5c6675, #8b96a5);
  --line: light-dark(#dde1e7, #2a3039); --accent: light-dark(#0f5ea8, #6db8ff);
  --ok: light-dark(#17713f, #5fd08d); --ok-ground: light-dark(#e3f4ea, #12291c);
  --bad: light-dark(#b3231f, #ff8d85); --bad-ground: light-dark(#fdeae9, #331817);
}
* { box-sizing: border-box }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem;
  background: var(--ground); color: var(--ink) }
h1 { font-size: 21px; margin: 0 } a { color: var(--accent) }
header p, small, td:first-child, summary { color: var(--faint); font-size: 12.5px }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  margin: .7rem 0; padding: .6rem .9rem }
h2 { display: flex; flex-wrap: wrap; gap: .3rem .7rem; align-items: baseline; font-size: 14px;
  margin: 0; overflow-wrap: anywhere }
h2 span { border-radius: 99px; font-size: 12.5px; padding: 0 .6rem }
.good { color: var(--ok); background: var(--ok-ground) }
.bad { color: var(--bad); background: var(--bad-ground) }
h2 small { font-weight: 400 } h2 small:last-child { margin-left: auto }
code, pre, td { font: 12.5px/1.5 ui-monospace, monospace }
pre { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; max-height: 20rem;
  overflow: auto; overflow-wrap: anywhere; padding: .5rem .7rem; white-space: pre-wrap }
td { padding: 1px 1rem 1px 0; overflow-wrap: anywhere; vertical-align: top }
"""

RENEW = """
setInterval(() => {
  const read = document.hidden || document.querySelector("details[open]") || String(getSelection());
  if (!read) location.reload();
}, 3000);
"""
"""A page that somebody reads stays as it is: headers that were opened would close."""


def page(calls: Iterable[Call]) -> bytes:
    """The page for these calls, newest first; it renews itself."""
    articles = "".join(_article(call) for call in calls)
    empty = "<article>Nothing yet. Give a webhook this address and publish an event.</article>"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>Hookline receiver</title><style>{STYLE}</style>"
        "<header><h1>What arrived here</h1>"
        "<p>Newest first; as JSON: <a href=/_calls>/_calls</a>. Paths that misbehave: "
        "<code>/fail/2</code> <code>/status/503</code> <code>/stall/20</code> <code>/reset</code> "
        "<code>/gone</code> <code>/redirect</code> <code>/retry-after/30</code></p></header>"
        f"<main>{articles or empty}</main><script>{RENEW}</script></html>"
    ).encode()


def _article(call: Call) -> str:
    good = 200 <= call.status < 300
    answer = f"answered {call.status}" if call.status else "connection reset"
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td>{html.escape(value)}"
        for name, value in call.headers.items()
    )
    return (
        f"<article><h2><small>{call.number}</small>"
        f"<code>{html.escape(call.method)} {html.escape(call.path)}</code>"
        f"<span class={'good' if good else 'bad'}>{answer}</span>"
        f"<small>{call.received_at}</small></h2><pre>{html.escape(call.body)}</pre>"
        f"<details><summary>headers</summary><table>{rows}</table></details></article>"
    )
