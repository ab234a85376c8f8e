"""Handlebars' whitespace control.

``~`` takes all blanks beside a tag, and a tag of a block or a comment that stands alone on its line
takes the line. The language's own test data tells each case, and so does its source
(lib/handlebars/compiler/whitespace-control.js).
"""

from __future__ import annotations

from hookline.domain.sandbox.handlebars_tree import (
    Block,
    Comment,
    Content,
    Mustache,
    Program,
    Statement,
    Strip,
)

_BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript's ``\\s`` stands for."""


def trim(program: Program, *, root: bool = True) -> None:
    """Takes the blanks that are not to be printed from the contents of a program."""
    body = program.body
    for at, statement in enumerate(body):
        match statement:
            case Content():
                continue
            case Mustache(strip=strip):
                _take_marked(body, at, strip)
            case Comment(strip=strip):
                alone = _blank_before(body, at, root) and _blank_after(body, at, root)
                _take_marked(body, at, strip)
                if alone:
                    _take_right(body, at + 1)
                    _take_left(body, at - 1)
            case Block():
                _trim_block(body, at, statement, root=root)


def _trim_block(body: list[Statement], at: int, block: Block, *, root: bool) -> None:
    for part in (block.program, block.inverse):
        if part is not None:
            trim(part, root=False)
    first, last = block.program or block.inverse, block.inverse or block.program
    if first is None or last is None:
        raise TypeError("a block has a program or an inverse")
    opens = _blank_after(first.body, -1, False)
    closes = _trim_inside(block, first)
    opens = opens and _blank_before(body, at, root)
    closes = closes and _blank_after(body, at, root)
    _take_marked(body, at, Strip(block.open_strip.open, block.close_strip.close))
    if opens:
        _take_right(first.body, 0)
        _take_left(body, at - 1)
    if closes:
        _take_right(body, at + 1)
        _take_left(last.body, len(last.body) - 1)


def _trim_inside(block: Block, first: Program) -> bool:
    """Answers whether the closing tag could stand alone, as far as the inside tells."""
    inverse = block.inverse if block.program is not None else None
    after_else, before_close = inverse, inverse
    if inverse is not None and inverse.chained:
        after_else = _of_chain(inverse)
        while before_close is not None and before_close.chained:
            before_close = _of_chain(before_close)
    closing = (after_else or first).body
    closes = _blank_before(closing, len(closing), False)
    if block.open_strip.close:
        _take_right(first.body, 0, everything=True)
    if inverse is None or after_else is None or before_close is None:
        if block.close_strip.open:
            _take_left(first.body, len(first.body) - 1, everything=True)
        return closes
    if block.inverse_strip.open:
        _take_left(first.body, len(first.body) - 1, everything=True)
    if block.inverse_strip.close:
        _take_right(after_else.body, 0, everything=True)
    if block.close_strip.open:
        _take_left(before_close.body, len(before_close.body) - 1, everything=True)
    else_alone = _blank_before(first.body, len(first.body), False) and _blank_after(
        after_else.body, -1, False
    )
    if else_alone:
        _take_left(first.body, len(first.body) - 1)
        _take_right(after_else.body, 0)
    return closes


def _of_chain(program: Program) -> Program:
    block = program.body[-1]
    if not isinstance(block, Block) or block.program is None:
        raise TypeError("a chained program holds a block")
    return block.program


def _take_marked(body: list[Statement], at: int, strip: Strip) -> None:
    if strip.close:
        _take_right(body, at + 1, everything=True)
    if strip.open:
        _take_left(body, at - 1, everything=True)


def _blank_before(body: list[Statement], at: int, root: bool) -> bool:
    """Whether a line begins before the statement, or the template does."""
    if at == 0:
        return root
    before = body[at - 1]
    if not isinstance(before, Content):
        return False
    blank = before.original[len(before.original.rstrip(_BLANKS)) :]
    return "\n" in blank or (root and at == 1 and blank == before.original)


def _blank_after(body: list[Statement], at: int, root: bool) -> bool:
    """Whether the line ends after the statement, or the template does."""
    if at + 1 == len(body):
        return root
    after = body[at + 1]
    if not isinstance(after, Content):
        return False
    blank = after.original[: len(after.original) - len(after.original.lstrip(_BLANKS))]
    return "\n" in blank or (root and at + 2 == len(body) and blank == after.original)


def _take_right(body: list[Statement], at: int, *, everything: bool = False) -> None:
    """Takes blanks from the beginning of a content: all, or those to the end of the line."""
    content = body[at] if 0 <= at < len(body) else None
    if not isinstance(content, Content) or (content.right_taken and not everything):
        return
    before = content.text
    if everything:
        content.text = before.lstrip(_BLANKS)
    else:
        content.text = before.lstrip(" \t").removeprefix("\r").removeprefix("\n")
    content.right_taken = content.text != before


def _take_left(body: list[Statement], at: int, *, everything: bool = False) -> None:
    """Takes blanks from the end of a content: all, or those since the beginning of the line."""
    content = body[at] if 0 <= at < len(body) else None
    if not isinstance(content, Content) or (content.left_taken and not everything):
        return
    before = content.text
    content.text = before.rstrip(_BLANKS if everything else " \t")
    content.left_taken = content.text != before
