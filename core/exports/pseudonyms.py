"""Codes that stand for clients and staff: always the same in a chain, and not to be traced back without its key."""

import hashlib
from typing import Literal

import numpy as np
from django.utils.crypto import salted_hmac
from numpy.typing import NDArray
from psycopg import sql

from core.shared.chain import current_chain

Kind = Literal["client", "staff"]
DIGITS = 16


class Pseudonyms:
    """Of the current chain. The platform's secret key makes the key, so that a new one makes other codes."""

    def __init__(self) -> None:
        self._key = salted_hmac("core.exports.pseudonyms", current_chain().schema_name, algorithm="sha256").hexdigest()

    def of(self, kind: Kind, number: int) -> str:
        """Empty for 0, which is nobody."""
        text = f"{self._key}{kind}:{number}"
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS] if number else ""

    def of_each(self, kind: Kind, numbers: NDArray[np.integer]) -> list[str]:
        distinct, which = np.unique(numbers, return_inverse=True)
        codes = np.array([self.of(kind, number) for number in distinct.tolist()], object)
        return codes[which].tolist() if len(codes) else []

    def sql(self, kind: Kind, number: str) -> sql.Composable:
        """The same of an expression; null where that is."""
        prefix = sql.Literal(f"{self._key}{kind}:")
        code = "left(encode(sha256(convert_to({prefix} || ({number})::text, 'UTF8')), 'hex'), {digits})"
        return sql.SQL(code).format(prefix=prefix, number=sql.SQL(number), digits=sql.Literal(DIGITS))
