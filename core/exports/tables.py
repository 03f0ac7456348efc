"""Which tables there are, with their columns: what files hold and what the data dictionary says of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.backends.utils import CursorWrapper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.exports.pseudonyms import Kind, Pseudonyms
from core.exports.visit_days import visit_days

Type = Literal["text", "integer", "decimal", "boolean", "date", "time"]
# Rows as COPY takes them; None where a query gives them.
Rows = Callable[[CursorWrapper, Pseudonyms], Iterator[Sequence[Any]]]


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    # An expression; not of tables whose rows are made here.
    sql: str
    meaning: Promise
    unit: Promise | str = ""
    # Left out unless personal data is asked for.
    is_personal: bool = False
    # Whose ids `sql` gives, where files have codes instead.
    pseudonym: Kind | Literal[""] = ""
    # A text of the product's own: no one has written it.
    is_code: bool = False


@dataclass(frozen=True)
class Table:
    name: str
    about: Promise
    columns: Sequence[Column]
    # What follows SELECT and the columns.
    source: str = ""
    rows: Rows | None = None

    def shown(self, *, personal: bool) -> list[Column]:
        return [column for column in self.columns if personal or not column.is_personal]


# Stands for the chain's currency.
CURRENCY, MINUTES, DAYS = "currency", _("minutes"), _("days")
_CLIENT, _STAFF = _("Client: a stable code, the same in every export"), _("Staff member: a stable code")
_STORE, _GROUP, _PLACE = _("Store"), _("Store group"), _("Place in force: a row of store_places")
_CATEGORY, _SERVICE, _TIER = _("Category"), _("Service"), _("Member tier")
_NAME, _CODE = pgettext_lazy("of a person or a thing", "Name"), _("Code in your till or files")
_DAY, _AMOUNT = _("Local date of the store"), _("Net amount; below 0 for a return; consumed value if paid by card")


STORES = Table(
    "stores",
    _("Stores, open and closed."),
    (
        Column("store_id", "integer", "s.id", _STORE),
        Column("code", "text", "s.code", _CODE),
        Column("name", "text", "s.name", _NAME),
        Column("opened_on", "date", "s.opened_on", _("Opening date")),
        Column("closed_on", "date", "s.closed_on", _("Closing date")),
        Column("time_zone", "text", "nullif(s.time_zone, '')", _("Time zone; the chain’s if empty")),
        Column("complete_through", "date", "s.complete_through", _("Last complete day the till has stated")),
    ),
    "FROM stores_store s WHERE s.merged_into_id IS NULL ORDER BY s.id",
)
STORE_PLACES = Table(
    "store_places",
    _("Where a store stands, from a date until the store’s next row."),
    (
        Column("place_id", "integer", "l.id", _("Place")),
        Column("store_id", "integer", "l.store_id", _STORE),
        Column("valid_from", "date", "nullif(l.valid_from, DATE '0001-01-01')", _("First day; empty: from the start")),
        Column("city", "text", "nullif(l.city, '')", _("City")),
        Column("city_tier", "text", "nullif(l.city_tier, '')", _("City tier")),
        Column("region", "text", "nullif(l.region, '')", _("Region")),
    ),
    "FROM stores_storelocation l JOIN stores_store s ON s.id = l.store_id WHERE s.merged_into_id IS NULL "
    "ORDER BY l.store_id, l.valid_from",
)
STORE_GROUPS = Table(
    "store_groups",
    _("Groups of stores that the chain looks at together."),
    (
        Column("store_group_id", "integer", "g.id", _GROUP),
        Column("name", "text", "g.name", _NAME),
    ),
    "FROM stores_storegroup g ORDER BY g.id",
)
STORE_GROUP_MEMBERS = Table(
    "store_group_members",
    _("Which stores are in a group, from a date on; a store may be in several."),
    (
        Column("store_group_id", "integer", "m.group_id", _GROUP),
        Column("store_id", "integer", "m.store_id", _STORE),
        Column("valid_from", "date", "nullif(m.valid_from, DATE '0001-01-01')", _("First day; empty: from the start")),
        Column("valid_until", "date", "m.valid_until", _("First day no longer in the group; empty: still in it")),
    ),
    "FROM stores_storegroupmember m JOIN stores_store s ON s.id = m.store_id WHERE s.merged_into_id IS NULL "
    "ORDER BY m.group_id, m.store_id, m.valid_from",
)
STAFF = Table(
    "staff",
    _("Staff members."),
    (
        Column("staff_id", "text", "m.id", _STAFF, pseudonym="staff", is_code=True),
        Column("store_id", "integer", "m.store_id", _STORE),
        Column("hired_on", "date", "m.hired_on", _("Hiring date")),
        Column("code", "text", "m.code", _CODE, is_personal=True),
        Column("name", "text", "m.name", _NAME, is_personal=True),
        Column("role", "text", "nullif(m.role, '')", _("Role"), is_personal=True),
    ),
    "FROM staff_staffmember m WHERE m.merged_into_id IS NULL ORDER BY m.id",
)
CATEGORIES = Table(
    "categories",
    _("Categories of services."),
    (
        Column("category_id", "integer", "c.id", _CATEGORY),
        Column("name", "text", "c.name", _NAME),
    ),
    "FROM catalogue_servicecategory c WHERE c.merged_into_id IS NULL ORDER BY c.id",
)
SERVICES = Table(
    "services",
    _("Services and products."),
    (
        Column("service_id", "integer", "s.id", _SERVICE),
        Column("code", "text", "s.code", _CODE),
        Column("name", "text", "s.name", _NAME),
        Column("category_id", "integer", "s.category_id", _CATEGORY),
        Column("price", "decimal", "s.price", _("List price"), CURRENCY),
        Column("duration_min", "integer", "s.duration_min", _("Duration"), MINUTES),
        Column("interval_days", "integer", "s.interval_days", _("Usual time to the next visit"), DAYS),
    ),
    "FROM catalogue_service s WHERE s.merged_into_id IS NULL ORDER BY s.id",
)
MEMBER_TIERS = Table(
    "member_tiers",
    _("Member tiers, by rising rank."),
    (
        Column("member_tier_id", "integer", "t.id", _TIER),
        Column("code", "text", "t.code", _CODE),
        Column("name", "text", "t.name", _NAME),
        Column("rank", "integer", "t.rank", _("Rank; higher is better")),
    ),
    "FROM membership_membertier t ORDER BY t.rank, t.id",
)
CLIENTS = Table(
    "clients",
    _("Clients, one row each."),
    (
        Column("client_id", "text", "c.id", _CLIENT, pseudonym="client", is_code=True),
        Column("store_id", "integer", "c.store_id", _("Home store")),
        Column("gender", "text", "nullif(c.gender, '')", _("Gender: female, male, other")),
        Column("birth_year", "integer", "extract(year FROM c.birth_date)::int", _("Year of birth")),
        Column("joined_on", "date", "c.joined_on", _("Day on which the record was opened")),
        Column(
            "referrer_id", "text", "c.referrer_id", _("Client who referred this one"), pseudonym="client", is_code=True
        ),
        Column("ref", "text", "c.ref", _("Client number"), is_personal=True),
        Column("name", "text", "nullif(c.name, '')", _NAME, is_personal=True),
        Column("phone", "text", "nullif(c.phone, '')", _("Phone"), is_personal=True),
        Column("backup_phone", "text", "nullif(c.backup_phone, '')", _("Backup phone"), is_personal=True),
        Column("wechat", "text", "nullif(c.wechat, '')", _("WeChat"), is_personal=True),
        Column("email", "text", "nullif(c.email, '')", _("E-mail"), is_personal=True),
        Column("birth_date", "date", "c.birth_date", _("Birth date"), is_personal=True),
        Column("birthday", "text", "nullif(c.birthday, '')", _("Month and day, without the year"), is_personal=True),
        Column("occupation", "text", "nullif(c.occupation, '')", _("Occupation"), is_personal=True),
        Column("education", "text", "nullif(c.education, '')", _("Education"), is_personal=True),
    ),
    "FROM clients_client c WHERE c.merged_into_id IS NULL ORDER BY c.id",
)
CLIENT_TIERS = Table(
    "client_tiers",
    _("The tier a client holds from a date until the client’s next row."),
    (
        Column("client_id", "text", "t.client_id", _CLIENT, pseudonym="client", is_code=True),
        Column("member_tier_id", "integer", "t.tier_id", _TIER),
        Column("valid_from", "date", "nullif(t.valid_from, DATE '0001-01-01')", _("First day; empty: from the start")),
    ),
    "FROM membership_clienttier t ORDER BY t.client_id, t.valid_from",
)
VISITS = Table(
    "visits",
    _("Visits as recorded, without voided ones. Walk-ins have no client."),
    (
        Column("visit_id", "integer", "v.id", _("Visit; in order of recording")),
        Column("store_id", "integer", "v.store_id", _STORE),
        Column("client_id", "text", "v.client_id", _CLIENT, pseudonym="client", is_code=True),
        Column("day", "date", "v.day", _DAY),
        Column("start_time", "time", "v.start_time", _("Local start time; 00:00 if not known")),
    ),
    "FROM visits_visit v WHERE v.voided_at IS NULL ORDER BY v.id",
)
VISIT_LINES = Table(
    "visit_lines",
    _("Services, products and card sales of the visits. A quantity below 0 is a return."),
    (
        Column("line_id", "integer", "l.id", _("Line; in order of recording")),
        Column("visit_id", "integer", "l.visit_id", _("Visit")),
        Column("kind", "text", "l.kind", _("service, product or card_sale"), is_code=True),
        Column("service_id", "integer", "l.service_id", _SERVICE),
        Column("category_id", "integer", "coalesce(l.category_id, s.category_id)", _CATEGORY),
        Column("staff_id", "text", "l.staff_id", _STAFF, pseudonym="staff", is_code=True),
        Column("quantity", "decimal", "l.quantity", _("Quantity")),
        Column("amount", "decimal", "l.amount", _AMOUNT, CURRENCY),
        Column("paid_by_card", "boolean", "l.paid_by_card", _("Paid from a course card or stored value")),
        Column("duration_min", "integer", "l.duration_min", _("Duration"), MINUTES),
        Column("rating", "decimal", "l.rating", _("Rating out of 5")),
    ),
    "FROM visits_visitline l JOIN visits_visit v ON v.id = l.visit_id LEFT JOIN catalogue_service s "
    "ON s.id = l.service_id WHERE v.voided_at IS NULL ORDER BY l.id",
)
VISIT_DAYS = Table(
    "visit_days",
    _("One row per client, day and store, as the metrics count them."),
    (
        Column("client_id", "text", "", _CLIENT, is_code=True),
        Column("day", "date", "", _DAY),
        Column("store_id", "integer", "", _STORE),
        Column("place_id", "integer", "", _PLACE),
        Column("is_visit_day", "boolean", "", _("Has a visit; otherwise returns alone")),
        Column("is_first_of_day", "boolean", "", _("The day’s first visit was here")),
        Column("is_purchase_day", "boolean", "", _("The whole day counts as a purchase day")),
        Column("is_new", "boolean", "", _("The client is new on this day, counted by visits")),
        Column("is_new_buyer", "boolean", "", _("The client is new on this day, counted by purchases")),
        Column("category_id", "integer", "", _("Category of the first line")),
        Column("staff_id", "text", "", _("Staff member of the first line"), is_code=True),
        Column("member_tier_id", "integer", "", _("Member tier held that day")),
        Column("visits", "integer", "", _("Number of visits")),
        Column("net_revenue", "decimal", "", _("Net revenue"), CURRENCY),
        Column("consumed_value", "decimal", "", _("Consumed from cards"), CURRENCY),
    ),
    rows=visit_days,
)
TABLES = (
    STORES, STORE_PLACES, STORE_GROUPS, STORE_GROUP_MEMBERS, STAFF, CATEGORIES, SERVICES, MEMBER_TIERS, CLIENTS,
    CLIENT_TIERS, VISITS, VISIT_LINES, VISIT_DAYS,
)  # fmt: skip
DUCKDB_TYPES: Mapping[Type, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 3)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "time": "TIME",
}
