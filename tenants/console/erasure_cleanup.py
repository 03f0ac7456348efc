"""Removes an erased chain from the operators' log: their actions stay, the chain's name does not."""

from typing import Any

from django.db import transaction
from django.db.models import F, Func, Value

from tenants.console.models import OperatorAction, Restoration
from tenants.console.restorations import asked_for, place_of
from tenants.models import Chain


def on_chain_erased(chain: Chain, **_kwargs: Any) -> None:
    """Handle the signal `chain_erased`, in the transaction that drops the chain, while log rows still refer to it."""
    # What follows the colon (reasons, references) may contain personal data.
    kind = Func(F("what"), Value(": "), Value(1), function="split_part")
    OperatorAction.objects.filter(chain=chain).update(chain_name="", what=kind)
    OperatorAction.objects.filter(what=asked_for(chain.schema_name)).update(what="Restoration asked for")
    for one in Restoration.objects.all():
        if one.arguments["schema"] == chain.schema_name:
            archive = place_of(one)
            one.delete()
            transaction.on_commit(lambda archive=archive: archive.unlink(missing_ok=True), robust=True)  # type: ignore[misc]
        elif one.arguments["file"].startswith(f"{chain.schema_name}-"):
            # Export files are named after the schema, whatever chain was restored from them.
            one.arguments["file"] = ""
            one.save(update_fields=["arguments"])
