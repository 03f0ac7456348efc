"""What this app brings to the rest of the product."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Reach, Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind
from core.shared.file_fields import NAME, Field, FileFields, Value, model_field
from core.stores.models import Store

SEE_STORE_FIGURES = right(
    "see_store_figures", _("See a store's figures"), Role.HQ, Role.REGIONAL_MANAGER, Role.STORE_MANAGER, place=2
)
MANAGE_STORES = right(
    "manage_stores", _("Open, edit, close and group stores, say what cities count to"), Role.HQ, place=8
)
RIGHTS = (SEE_STORE_FIGURES, MANAGE_STORES)
SECTIONS = (
    Section("stores", _("Regions and stores"), "stores:regions", SEE_STORE_FIGURES, place=2, reach=(Reach.CHAIN,)),
    Section("stores", _("My stores"), "stores:list", SEE_STORE_FIGURES, place=3, reach=(Reach.REGIONS, Reach.STORES)),
)


class Action(AuditAction):
    STORE_OPENED = "store.opened", _("Store opened")
    STORE_CHANGED = "store.changed", _("Store changed")
    STORE_DELETED = "store.deleted", _("Store deleted")
    STORE_CLOSED = "store.closed", _("Store closed")
    STORE_REOPENED = "store.reopened", _("Store opened again")
    CITY_SET = "city.set", _("City set")
    CITY_REMOVED = "city.removed", _("City removed")
    GROUP_CREATED = "store_group.created", _("Store group created")
    GROUP_RENAMED = "store_group.renamed", _("Store group renamed")
    GROUP_DELETED = "store_group.deleted", _("Store group deleted")
    GROUP_JOINED = "store_group.joined", _("Stores added to a group")
    GROUP_LEFT = "store_group.left", _("Stores left a group")
    GROUP_CORRECTED = "store_group.corrected", _("Stores removed from a group")


class Kind(SubjectKind):
    STORE = "store", _("Store")
    CITY = "city", _("City")
    GROUP = "storegroup", _("Store group")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "store": _("Store"),
    "stores": _("Stores"),
    "regions": _("Regions"),
    "opened_on": _("Opened on"),
    "closed_on": _("Closed from"),
    "city": _("City"),
    "region": _("Region"),
    "city_tier": _("City tier"),
    "joined_on": _("Joined on"),
    "left_on": _("Left on"),
}
# As files know the store: another it is merged into keeps its own.
STAYS_WHEN_MERGED = ("stores.StoreLocation.store", "stores.StoreGroupMember.store")
STORE_CODE = Field("store_code", _("Store code"), Value.CODE, max_length=64)
FILE_FIELDS = (
    FileFields(
        "stores",
        (
            replace(STORE_CODE, required=True, column="code"),
            model_field(Store, "name", label=NAME, required=True),
            Field("city", _("City"), required=True, max_length=100),
            Field("city_tier", _("City tier"), essential=True, max_length=50),
            Field("region", _("Region"), essential=True, max_length=100),
            model_field(Store, "opened_on"),
            model_field(Store, "time_zone", value=Value.TIME_ZONE),
            Field("valid_from", _("City and region hold from"), Value.DATE, essential=True),
        ),
    ),
)
