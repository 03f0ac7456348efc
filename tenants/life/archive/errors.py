"""The errors of an archive that cannot be restored."""

from django.utils.translation import gettext as _

from core.shared.errors import AppError

FIELD = "archive"


def archive_damaged(part: str) -> AppError:
    message = _("The archive is damaged or was changed (%s). Export the chain again, or fetch the file once more.")
    return AppError("archive_damaged", message % part, field=FIELD)


def not_an_archive() -> AppError:
    return AppError(
        "not_an_archive", _("This is no archive of a chain: choose a file that an export gave."), field=FIELD
    )


def archive_newer() -> AppError:
    message = _("The archive was made by a newer version of Revisit. Update this installation first.")
    return AppError("archive_newer", message, field=FIELD)


def unknown_part(part: str) -> AppError:
    message = _("The archive holds what no chain has (%s). It was not made by an export, or was changed.")
    return AppError("archive_unknown_part", message % part, field=FIELD)


def unsafe_path(part: str) -> AppError:
    message = _("The archive holds a path that leads out of its place (%s). It was not made by an export.")
    return AppError("archive_unsafe_path", message % part, field=FIELD)


def archive_too_large() -> AppError:
    message = _("The archive unpacks to far more than it is, or than is allowed here. It was not made by an export.")
    return AppError("archive_too_large", message, field=FIELD, status=413)
