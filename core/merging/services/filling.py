"""What is not known of a client who is kept, and is of the other."""

from typing import Any

from core.clients.models import Client
from core.shared.merged import Mergeable

FILLED = (
    "name", "gender", "birth_date", "birthday", "phone", "backup_phone", "wechat", "email", "occupation", "education",
    "joined_on", "store_id",
)  # fmt: skip


def fill_in(keep: Mergeable, gone: Mergeable) -> dict[str, Any]:
    """Returns it by column, as text."""
    if not isinstance(keep, Client):
        return {}
    names = [name for name in FILLED if not getattr(keep, name) and getattr(gone, name)]
    if keep.birth_date or keep.birthday:
        # One of the two says the birthday.
        names = [name for name in names if name not in {"birth_date", "birthday"}]
    for name in names:
        setattr(keep, name, getattr(gone, name))
    keep.save(update_fields=names)
    return {name: str(getattr(keep, name)) for name in names}


def empty_again(keep: Mergeable, filled: dict[str, Any]) -> None:
    """Unless it is another one by now."""
    names = [name for name, value in filled.items() if str(getattr(keep, name)) == value]
    for name in names:
        setattr(keep, name, Client._meta.get_field(name).get_default())  # type: ignore[union-attr]
    if names:
        keep.save(update_fields=names)
