"""The console's files as they are sent: compressed once, named by what they hold.

Every file but the page lives under a folder named by a digest of all of them, so that a browser may
keep it for ever, and relative imports between modules stay within one release. The page itself is
asked for anew each time, and answered with 304 where it has not changed.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

PAGE = "index.html"
_DIGEST_CHARACTERS = 16

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file, both ways; ``tag`` is a strong ETag without quotes."""

    media_type: str
    plain: bytes
    packed: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class Site:
    """The page, and all else by its path below the folder named ``digest``."""

    page: File
    assets: Mapping[str, File]
    digest: str


def load(folder: Path, *, assets_at: str, settings: Mapping[str, str]) -> Site:
    """Reads ``folder``, and fills in what the page leaves open.

    There ``{{assets}}`` becomes where the assets are, and each name of ``settings`` in double
    braces its value, escaped for an attribute.
    """
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in MEDIA_TYPES
    }
    digest = _digest(*(part for item in contents.items() for part in (item[0].encode(), item[1])))
    page = contents.pop(PAGE).decode()
    values = {"assets": f"{assets_at}/{digest}"} | dict(settings)
    for name, value in values.items():
        page = page.replace("{{" + name + "}}", _attribute(value))
    return Site(
        page=_file(PAGE, page.encode()),
        assets={name: _file(name, content) for name, content in contents.items()},
        digest=digest,
    )


def _file(name: str, content: bytes) -> File:
    media_type = MEDIA_TYPES[Path(name).suffix]
    return File(media_type, content, gzip.compress(content, 9, mtime=0), _digest(content))


def _digest(*parts: bytes) -> str:
    whole = sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()[:_DIGEST_CHARACTERS]


def _attribute(text: str) -> str:
    for character, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;")):
        text = text.replace(character, entity)
    return text
