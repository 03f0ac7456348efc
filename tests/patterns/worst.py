"""The inputs that an expression would take longest for, found by its parse tree."""

import re
from collections.abc import Iterator
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
# One of each kind of character, and what stands for the end of what matches.
USUAL = "0a_A \n-.,:/\\[(中é"
MISSES = ("", "\x01", "!\n")
# A repetition that may go on for longer than this is one without end.
MANY = 50
ONE_LETTER = {codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY}


def worst_texts(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """What leads up to each repetition without end, then as much as `length` of what may stand there, then what does
    not fit. None for an expression that has no such repetition."""
    text = pattern.pattern
    tree = parser.parse(text, pattern.flags)
    heads = list(dict.fromkeys(_heads(tree)))
    # From the start too, which what comes before may hide.
    for head in dict.fromkeys([*heads, *([""] if heads else [])]):
        for pump in dict.fromkeys([*_letters(tree), *_bodies(tree), *filter(None, heads)]):
            filled = pump * (length // len(pump))
            for miss in MISSES:
                whole = head + filled + miss
                yield whole.encode("latin-1", "replace") if isinstance(text, bytes) else whole


def _is_endless(operation: Any, argument: Any) -> bool:
    return operation in REPEATS and argument[1] > MANY


def _operations(tree: Any) -> Iterator[tuple[Any, Any]]:
    for operation, argument in tree:
        yield operation, argument
        for part in _parts(operation, argument):
            yield from _operations(part)


def _parts(operation: Any, argument: Any) -> list[Any]:
    if operation in ONE_LETTER or operation in {codes.AT, codes.CATEGORY, codes.GROUPREF}:
        return []
    if operation is codes.BRANCH:
        return list(argument[1])
    if operation is codes.ATOMIC_GROUP:
        return [argument]
    return [part for part in argument if isinstance(part, parser.SubPattern)]


def _letters(tree: Any) -> list[str]:
    """One of each set of characters that the repetitions do not tell apart."""
    inner = [
        node
        for operation, argument in _operations(tree)
        if _is_endless(operation, argument)
        for node in _operations(argument[2])
        if node[0] in ONE_LETTER
    ]
    classes = [compiler.compile(parser.SubPattern(tree.state, [node])) for node in inner]
    is_bytes = isinstance(tree.state.str, bytes)
    found: dict[tuple[bool, ...], str] = {}
    for letter in dict.fromkeys([*USUAL, *map(_member, _named(tree))]):
        one = letter.encode("latin-1", "replace") if is_bytes else letter
        found.setdefault(tuple(bool(kind.fullmatch(one)) for kind in classes), letter)
    return [letter for kinds, letter in found.items() if any(kinds)]


def _named(tree: Any) -> Iterator[tuple[Any, Any]]:
    for operation, argument in _operations(tree):
        if operation is codes.LITERAL:
            yield operation, argument
        elif operation is codes.IN:
            yield from (item for item in argument if item[0] is not codes.NEGATE)


def _bodies(tree: Any) -> list[str]:
    """What is repeated, once with and once without its optional parts."""
    found = [argument[2] for operation, argument in _operations(tree) if _is_endless(operation, argument)]
    found.append(tree)
    texts = [sample(body, full=full) for body in found for full in (True, False)]
    return [text for text in texts if text]


def _heads(tree: Any) -> list[str]:
    """What leads up to each repetition without end, with and without what is optional."""
    return [head for full in (True, False) for head in _heads_of(list(tree), "", full=full)]


def _heads_of(items: list[Any], head: str, *, full: bool) -> Iterator[str]:
    for operation, argument in items:
        if _is_endless(operation, argument):
            yield head
        for part in _parts(operation, argument):
            yield from _heads_of(list(part), head, full=full)
        head += sample([(operation, argument)], full=full)


def sample(tree: Any, *, full: bool) -> str:
    """A text that matches, or nearly so."""
    return "".join(_one(operation, argument, full=full) for operation, argument in tree)


def _one(operation: Any, argument: Any, *, full: bool) -> str:
    if operation in ONE_LETTER:
        return _letter(operation, argument)
    if operation in {codes.ASSERT, codes.ASSERT_NOT}:
        return ""
    if operation in REPEATS:
        return sample(argument[2], full=full) * max(argument[0], 1 if full else 0)
    parts = _parts(operation, argument)
    return sample(parts[0 if full else -1], full=full) if parts else ""


def _letter(operation: Any, argument: Any) -> str:
    if operation is codes.LITERAL:
        return chr(argument)
    if operation is codes.NOT_LITERAL:
        return "a" if chr(argument) != "a" else "b"
    return _of_class(argument) if operation is codes.IN else "a"


def _of_class(items: list[Any]) -> str:
    if items[0][0] is codes.NEGATE:
        shut = {_member(item) for item in items[1:]}
        return next(letter for letter in "a0 -!中" if letter not in shut)
    return _member(items[0])


def _member(item: tuple[Any, Any]) -> str:
    operation, argument = item
    if operation is codes.LITERAL:
        return chr(argument)
    if operation is codes.RANGE:
        return chr(argument[0])
    kinds = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}
    return kinds.get(argument, "!")
