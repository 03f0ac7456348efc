"""The one application error: services raise it, views and commands map it once."""

from typing import Any


class AppError(Exception):
    """A request that is refused, in words for the person who made it.

    `code` is stable, for programs. `message` names the mend and may be a lazy translation. `field` is the input at
    fault.
    """

    def __init__(
        self, code: str, message: object, *, field: str | None = None, status: int = 400, **extra: Any
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field
        self.status = status
        self.extra = extra

    def __str__(self) -> str:
        text = str(self.message)
        return f"{self.field}: {text}" if self.field else text
