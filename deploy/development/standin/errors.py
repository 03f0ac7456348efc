"""What the stand-in refuses, in Stripe's words."""

from typing import Any


class ApiError(Exception):
    """`keep`: what was done before it is kept, as Stripe keeps a failed payment."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.keep = keep
        told = {"code": code, "param": param, **extra}
        self.body = {"error": {"type": kind, "message": message, **{k: v for k, v in told.items() if v is not None}}}


def missing(kind: str, found: str, *, param: str = "id") -> ApiError:
    return ApiError(f"No such {kind}: '{found}'", status=404, code="resource_missing", param=param)
