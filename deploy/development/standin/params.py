"""Form-encoded parameters with nested brackets, and reading them with errors that name the parameter."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from deploy.development.standin.errors import ApiError

_PART = re.compile(r"\[([^\[\]]*)\]")


def parse(text: str) -> dict[str, Any]:
    """`items[0][price]=x&expand[]=y` becomes nested dictionaries; lists have their places as keys."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.split("[", 1)[0]
        _put(tree, [head, *_PART.findall(name[len(head) :])], value)
    return tree


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part, follower in zip(path, [*path[1:], None], strict=True):
        key = part or str(len(tree))
        if follower is None:
            tree[key] = value
            return
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            raise ApiError(f"Invalid value for {part}.", code="parameter_invalid", param=path[0])
        tree = below


class Params:
    """One level of parameters; `prefix` is where it stands, for errors."""

    def __init__(self, tree: dict[str, Any], prefix: str = "") -> None:
        self.tree = tree
        self.prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self.tree

    def path(self, name: str) -> str:
        return f"{self.prefix}[{name}]" if self.prefix else name

    def only(self, names: Iterable[str]) -> None:
        """Refuse what Stripe knows nothing of (or the stand-in does not)."""
        for name in self.tree:
            if name not in names:
                path = self.path(name)
                raise ApiError(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)

    def text(self, name: str) -> str | None:
        """None where it is absent or empty, by which Stripe unsets."""
        value = self.tree.get(name)
        if isinstance(value, dict):
            raise ApiError(f"Invalid string: {self.path(name)}", code="parameter_invalid", param=self.path(name))
        return value or None

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            path = self.path(name)
            raise ApiError(f"Missing required param: {path}.", code="parameter_missing", param=path)
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """The first is what holds where none is named."""
        value = self.text(name) or choices[0]
        if value not in choices:
            message = f"Invalid {self.path(name)}: must be one of {', '.join(choices)}"
            raise ApiError(message, param=self.path(name), code="parameter_invalid")
        return value

    def number(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value):
            path = self.path(name)
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        return int(value)

    def need_number(self, name: str) -> int:
        self.need(name)
        return self.number(name) or 0

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise ApiError(f"Invalid boolean: {value}", code="parameter_invalid", param=self.path(name))
        return default if value is None else value == "true"

    def group(self, name: str) -> "Params":
        value = self.tree.get(name) or {}
        if not isinstance(value, dict):
            raise ApiError(f"Invalid object: {self.path(name)}", code="parameter_invalid", param=self.path(name))
        return Params(value, self.path(name))

    def groups(self, name: str) -> list["Params"]:
        listed = self.group(name)
        return [listed.group(key) for key in listed.tree]

    def texts(self, name: str) -> list[str]:
        listed = self.group(name)
        return [str(listed.text(key) or "") for key in listed.tree]

    def metadata(self, before: dict[str, str] | None = None, name: str = "metadata") -> dict[str, str]:
        """What was there before with what is given; an empty value takes a key away, an empty group all."""
        if self.tree.get(name) == "":
            return {}
        given = self.group(name)
        merged = {**(before or {}), **{key: given.text(key) for key in given.tree}}
        return {key: value for key, value in merged.items() if value is not None}
