"""The parameters of a request: read by a form, and each that is at fault is named."""

from collections.abc import Iterator

from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.shared.errors import AppError

Error = dict[str, str]


def check_parameters(form: Form, query: QueryDict) -> None:
    """Raises AppError with all that is wrong: parameters that the form does not know, refuses, or is given twice."""
    errors = [*_unknown(form, query), *_repeated(form, query), *_refused(form)]
    if errors:
        names = ", ".join(dict.fromkeys(error["field"][:40] for error in errors))
        raise AppError("bad_parameters", _("Correct these parameters: %(names)s.") % {"names": names}, errors=errors)


def _unknown(form: Form, query: QueryDict) -> Iterator[Error]:
    known = ", ".join(form.fields)
    for name in query:
        if name not in form.fields:
            message = _("There is no parameter “%(name)s” here. Choose from: %(known)s.")
            detail = message % {"name": name[:40], "known": known}
            yield {"field": name, "code": "unknown_parameter", "detail": detail}


def _repeated(form: Form, query: QueryDict) -> Iterator[Error]:
    for name, values in query.lists():
        if name in form.fields and len(values) > 1:
            yield {"field": name, "code": "repeated_parameter", "detail": _("Give this parameter once.")}


def _refused(form: Form) -> Iterator[Error]:
    for name, errors in form.errors.get_json_data().items():
        for error in errors:
            yield {"field": name, "code": error["code"], "detail": error["message"]}
