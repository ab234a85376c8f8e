"""Which endpoint answers a method on a path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from hookline.problems import MethodNotAllowed, UnknownPath
from hookline_api.http.endpoint import Endpoint

type Parameters = dict[str, str]

_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Router:
    """All endpoints by their path. What is spelled out goes before what is a parameter."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._paths: dict[tuple[str, ...], dict[str, Endpoint]] = {}
        for endpoint in sorted(endpoints, key=lambda each: each.path.count("<")):
            self._paths.setdefault(_segments(endpoint.path), {})[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, Parameters]:
        """The endpoint and its path's parameters, decoded; GET's for HEAD.

        Raises UnknownPath and MethodNotAllowed.
        """
        allowed: set[str] = set()
        for pattern, methods in self._paths.items():
            parameters = _match(pattern, _segments(path))
            if parameters is None:
                continue
            endpoint = _by_method(methods, method)
            if endpoint is not None:
                return endpoint, parameters
            allowed |= methods.keys() | ({"HEAD"} if "GET" in methods else set())
        if allowed:
            raise MethodNotAllowed(", ".join(sorted(allowed, key=_ORDER.index)))
        raise UnknownPath(path)


def _by_method(methods: Mapping[str, Endpoint], method: str) -> Endpoint | None:
    return methods.get("GET" if method == "HEAD" else method)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _match(pattern: tuple[str, ...], given: tuple[str, ...]) -> Parameters | None:
    if len(pattern) != len(given):
        return None
    found: Parameters = {}
    for part, text in zip(pattern, given, strict=True):
        if part.startswith("<") and text:
            found[part[1:-1]] = unquote(text)
        elif part != text:
            return None
    return found
