from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext_lazy as _

from core.clients.models import Client
from core.profiles.services.editing import FIELDS
from core.shared.file_fields import fields_of

_DATES = ("birth_date", "joined_on")


class ClientForm(forms.Form):
    """Fields are called as those of files are."""

    def __init__(self, client: Client, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=model_to_dict(client, FIELDS))
        self.fields |= fields_for_model(
            Client,
            FIELDS,
            widgets={name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in _DATES},
            labels={field.column: str(field.label) for field in fields_of("clients") if field.column}
            | {"store": str(_("Store"))},
            help_texts={"ref": str(_("Files that name the former number still mean this client."))},
        )
