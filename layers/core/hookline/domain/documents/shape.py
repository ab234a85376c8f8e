"""A JSON object declared as a class, each attribute one of its fields.

::

    class Retry(Shape):
        \"\"\"How long to wait between attempts.\"\"\"

        multiplier = defaulted(Number(1, 10), 3, "By which each wait is longer than the last.")
        max_attempts = optional(Whole(1, 10_000), "Counts the first attempt.")

    retry = Retry.read(document, findings, "retry")
    retry.multiplier  # 3, or the number that was given

From the declaration a document is read and refused, and the OpenAPI document is made
(`hookline_api.http.schemas`). Null stands for absent (RFC 7396).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, cast, overload

from hookline.domain.documents.kinds import Choice, Findings, Kind, below, none_of


class Field[Value]:
    """One field. Made by `required`, `optional` and the others below; read as an attribute.

    ``about`` is its description in the OpenAPI document. ``absent`` makes the value when none is
    given, None if one must be. An answer always has the field unless it is ``rare``, and never as
    null unless it is ``nullable``.
    """

    name: str

    def __init__(
        self,
        kind: Kind[Any],
        about: str,
        *,
        absent: Callable[[], Value] | None,
        default: object = None,
        example: object = None,
        nullable: bool = False,
        rare: bool = False,
    ) -> None:
        self.kind, self.about = kind, about
        self.absent, self.default = absent, default
        self.nullable, self.rare = nullable, rare
        self.example = example

    def __set_name__(self, owner: type[Shape], name: str) -> None:
        self.name = name.removesuffix("_")

    @overload
    def __get__(self, instance: None, owner: type[Shape]) -> Self: ...

    @overload
    def __get__(self, instance: Shape, owner: type[Shape]) -> Value: ...

    def __get__(self, instance: Shape | None, owner: type[Shape]) -> Self | Value:
        return self if instance is None else cast("Value", instance.values[self.name])

    def read(self, given: object, findings: Findings, path: str) -> Value:
        """The value of ``given``; notes what is wrong with it under ``path``."""
        if given is not None:
            return cast("Value", self.kind.read(given, findings, path))
        if self.absent is not None:
            return self.absent()
        findings.add(path, "is required")
        return cast("Value", self.kind.blank)


class Shape:
    """Base of all declarations; the docstring describes the object.

    ``server_set`` names fields that answers have and requests must not; ``not_here`` gives better
    words than "is not a known field" for some others. ``left_out`` are fields of the base class
    that this shape lacks. An answer of a ``sparse`` shape leaves out its nulls.
    """

    fields: ClassVar[Mapping[str, Field[Any]]] = {}
    server_set: ClassVar[frozenset[str]] = frozenset()
    not_here: ClassVar[Mapping[str, str]] = {}
    left_out: ClassVar[frozenset[str]] = frozenset()
    sparse: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        declared = (
            field
            for base in reversed(cls.__mro__)
            for field in vars(base).values()
            if isinstance(field, Field) and field.name not in cls.left_out
        )
        cls.fields = {field.name: field for field in declared}

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    @classmethod
    def read(cls, document: Mapping[str, object], findings: Findings, path: str = "") -> Self:
        """Reads a document; notes all that is wrong with it, unknown fields included."""
        values = {
            name: field.read(document.get(name), findings, below(path, name))
            for name, field in cls.fields.items()
        }
        for name in document:
            if name in cls.server_set:
                findings.add(below(path, name), "is set by the server")
            elif name not in cls.fields:
                words = cls.not_here.get(name, "is not a known field")
                findings.add(below(path, name), words)
        return cls(values)

    @classmethod
    def of(cls, document: Mapping[str, object]) -> Self:
        """Reads a document, for shapes whose rules are all declared. Raises Rejected."""
        findings = Findings()
        read = cls.read(document, findings)
        findings.settle()
        return read


class Object[Of: Shape](Kind[Of]):
    """An object with a shape of its own."""

    def __init__(self, shape: type[Of]) -> None:
        self.shape = shape

    @property
    def blank(self) -> Of:  # type: ignore[override] # made when asked for: shapes are mutable parts
        """The shape of an empty document."""
        return self.shape.read({}, Findings())

    def read(self, given: object, findings: Findings, path: str) -> Of:
        """The shape, read."""
        if isinstance(given, dict):
            return self.shape.read(given, findings, path)
        return self._refused(findings, path, "must be an object")


class OneOf(Kind[Shape]):
    """An object of one of several shapes, named by the word in its field ``tag``."""

    def __init__(self, tag: str, shapes: Mapping[str, type[Shape]]) -> None:
        self.tag, self.shapes = tag, shapes
        self.blank = Shape({})

    def read(self, given: object, findings: Findings, path: str) -> Shape:
        """The shape that was named; a bare `Shape` if none was."""
        if not isinstance(given, dict):
            return self._refused(findings, path, "must be an object")
        word = given.get(self.tag)
        if word is None:
            return self._refused(findings, below(path, self.tag), "is required")
        if not isinstance(word, str) or word not in self.shapes:
            return self._refused(findings, below(path, self.tag), none_of(self.shapes))
        return self.shapes[word].read(given, findings, path)


class Either(Kind[Shape]):
    """An object of one of several shapes, told apart by their fields."""

    def __init__(self, *shapes: type[Shape]) -> None:
        self.shapes = shapes
        self.blank = Shape({})

    def read(self, given: object, findings: Findings, path: str) -> Shape:
        """The shape that knows most of the fields; the first of equals."""
        if not isinstance(given, dict):
            return self._refused(findings, path, "must be an object")
        names = given.keys()
        shape = max(self.shapes, key=lambda each: len(each.fields.keys() & names))
        return shape.read(given, findings, path)


class Later(Kind[Any]):
    """Described as ``kind``, but read by rules of its own later."""

    blank = None

    def __init__(self, kind: Kind[Any]) -> None:
        self.kind = kind

    def read(self, given: object, findings: Findings, path: str) -> Any:  # noqa: ARG002 - all kinds take it
        """The value as it is."""
        return given


class WordOr[Of: Shape](Kind[str | Of]):
    """One of some words, or an object."""

    blank = ""

    def __init__(self, word: Choice[Any], shape: type[Of]) -> None:
        self.word, self.object = word, Object(shape)
        self.example = word.example

    def read(self, given: object, findings: Findings, path: str) -> str | Of:
        """The word, or the shape."""
        if isinstance(given, dict):
            return self.object.read(given, findings, path)
        word: str = self.word.read(given, findings, path)
        return word


def required[Value](kind: Kind[Value], about: str, *, example: object = None) -> Field[Value]:
    """A field that must be given and not be null."""
    return Field(kind, about, absent=None, example=example)


def optional[Value](
    kind: Kind[Value], about: str, *, example: object = None
) -> Field[Value | None]:
    """A field that may be absent or null, and is None then."""
    return Field(kind, about, absent=lambda: None, example=example, nullable=True)


def defaulted[Value](
    kind: Kind[Value], default: Value, about: str, *, example: object = None
) -> Field[Value]:
    """A field with a ``default``, a plain JSON value, for when it is absent or null."""
    return Field(kind, about, absent=lambda: default, default=default, example=example)


def nested[Of: Shape](shape: type[Of], about: str, *, example: object = None) -> Field[Of]:
    """An object that may be absent: then all its fields have their defaults."""
    kind = Object(shape)
    return Field(kind, about, absent=lambda: kind.blank, example=example)
