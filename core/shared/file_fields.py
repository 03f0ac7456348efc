"""The fields that columns of a file can mean. Apps declare those of their records as `FILE_FIELDS`."""

from dataclasses import dataclass, replace
from enum import Enum

from django.utils.functional import Promise


class Value(Enum):
    """What the cells of a field hold."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    BIRTH_DATE = "birth date"
    DATE_TIME = "date-time"
    MONEY = "money"
    QUANTITY = "quantity"
    INTEGER = "integer"
    RATING = "rating"
    FLAG = "flag"
    GENDER = "gender"
    LINE_KIND = "line kind"
    TIME_ZONE = "time zone"


@dataclass(frozen=True)
class Field:
    """`headings` are other names by which columns are recognised, parted by spaces."""

    name: str
    label: Promise
    value: Value = Value.TEXT
    required: bool = False
    max_length: int = 200
    headings: str = ""


@dataclass(frozen=True)
class FileFields:
    """Of a kind of file; those of several apps add up."""

    kind: str
    fields: tuple[Field, ...]


def required(field: Field) -> Field:
    return replace(field, required=True)
