"""The console's files as they are sent: compressed once, named by what they hold.

Every file but the two pages lives under a folder named by a digest of all of them, so that a
browser may keep it for ever, and relative imports between modules stay within one release. The
pages are asked for anew each time, and answered with 304 where they have not changed.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

PAGE = "index.html"
DOCS = "docs.html"
_DIGEST_CHARACTERS = 16
OF_OTHERS = "vendor/"
"""Sent to the byte: its licences stand in its comments."""

_DOC_COMMENT = rb"/\*\*(?:[^*]|\*(?!/))*\*/"
_FOR_READERS = re.compile(
    rb"^[ \t]*(?:" + _DOC_COMMENT + rb"|//[^\n]*)[ \t]*\n|" + _DOC_COMMENT + rb" ?", re.MULTILINE
)

_INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)
_CSS_COMMENT = re.compile(rb"/\*(?:[^*]|\*(?!/))*\*/")

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class File:
    """One file, both ways; ``tag`` is a strong ETag without quotes."""

    media_type: str
    plain: bytes
    tag: str

    @cached_property
    def packed(self) -> bytes:
        """Compressed when it is first asked for: a cold start must not wait for the largest."""
        return gzip.compress(self.plain, 9, mtime=0)


@dataclass(frozen=True, slots=True)
class Site:
    """The console's page, the API's, and all else by its path below the folder named ``digest``."""

    page: File
    docs: File
    assets: Mapping[str, File]
    digest: str


def load(folder: Path, *, assets_at: str, settings: Mapping[str, str]) -> Site:
    """Reads ``folder``, and fills in what the pages leave open.

    There ``{{assets}}`` becomes where the assets are, and each name of ``settings`` in double
    braces its value, escaped for an attribute.
    """
    contents = {
        name: _sent(name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.suffix in MEDIA_TYPES
        for name in [path.relative_to(folder).as_posix()]
    }
    digest = _digest(*(part for item in contents.items() for part in (item[0].encode(), item[1])))
    values = {"assets": f"{assets_at}/{digest}"} | dict(settings)

    def page(name: str) -> File:
        text = contents.pop(name).decode()
        for setting, value in values.items():
            text = text.replace("{{" + setting + "}}", _attribute(value))
        return _file(name, text.encode())

    return Site(
        page=page(PAGE),
        docs=page(DOCS),
        assets={name: _file(name, content) for name, content in contents.items()},
        digest=digest,
    )


def _sent(name: str, content: bytes) -> bytes:
    """What we wrote goes without the comments that hold its types and reasons, and not indented.

    Those are a tenth of what would travel. A template's text has no line that begins as they do,
    and none whose indentation is seen: what keeps its blanks is given to it as a value.
    """
    if name.startswith(OF_OTHERS):
        return content
    if name.endswith(".js"):
        return _INDENT.sub(b"", _FOR_READERS.sub(b"", content))
    return _INDENT.sub(b"", _CSS_COMMENT.sub(b"", content)) if name.endswith(".css") else content


def _file(name: str, content: bytes) -> File:
    return File(MEDIA_TYPES[Path(name).suffix], content, _digest(content))


def _digest(*parts: bytes) -> str:
    whole = sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()[:_DIGEST_CHARACTERS]


def _attribute(text: str) -> str:
    for character, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;")):
        text = text.replace(character, entity)
    return text
