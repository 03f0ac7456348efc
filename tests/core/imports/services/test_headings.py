"""Each heading of the dictionary means its field, and no other."""

import pytest

from core.imports.services.columns import match_columns, suggest_fields
from core.imports.services.headings import FALLBACK, column_keys, dictionary, meaning_of, normal_heading
from core.imports.services.options import ImportOptions
from core.shared.file_fields import fields_of

ENTRIES = [
    (kind, field, heading)
    for kind, fields in dictionary().items()
    if kind != FALLBACK
    for field, headings in fields.items()
    for heading in headings
]
FALLBACKS = [
    (kind, field, heading)
    for kind, fields in dictionary()[FALLBACK].items()
    for field, headings in fields.items()
    for heading in headings
]


def test_each_heading_means_its_field() -> None:
    for kind, field, heading in [*ENTRIES, *FALLBACKS]:
        meaning = meaning_of(kind, heading)
        assert meaning is not None, (kind, heading)
        assert meaning.field == field, (kind, heading)


def test_there_are_many() -> None:
    assert len(ENTRIES) > 800


@pytest.mark.parametrize("kind", [kind for kind in dictionary() if kind != FALLBACK])
def test_every_field_is_there(kind: str) -> None:
    assert set(dictionary()[kind]) <= {field.name for field in fields_of(kind)}


@pytest.mark.parametrize("kind", [kind for kind in dictionary() if kind != FALLBACK])
def test_no_heading_is_written_for_two_fields(kind: str) -> None:
    seen: dict[str, str] = {}
    for other, field, heading in [*ENTRIES, *FALLBACKS]:
        if other == kind:
            assert seen.setdefault(normal_heading(heading), field) == field, heading


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("金额(元)", "amount"),
        ("金额（元）", "amount"),
        ("Amount (USD)", "amount"),
        ("net_sales", "amount"),
        ("NET SALES", "amount"),
        ("Ｎｅｔ　Ｓａｌｅｓ", "amount"),
        ("Invoice #", "visit_ref"),
        ("Receipt No.", "visit_ref"),
        ("Client-ID", "client_ref"),
        ("Service (1)", "item"),
        ("Lineitem price", "unit_price"),
    ],
)
def test_headings_compare_without_case_width_punctuation_and_brackets(heading: str, field: str) -> None:
    assert suggest_fields("visits", [heading], {}) == [field]


# The layouts of common exports, and what is to be read of them.
LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "square": (
        "Date,Time,Category,Item,Qty,SKU,Gross Sales,Net Sales,Transaction ID,Event Type,Location,Customer ID,Employee",
        {
            "Date": "started_at", "Time": "start_time", "Category": "category", "Item": "item", "Qty": "quantity",
            "SKU": "service_code", "Net Sales": "amount", "Transaction ID": "visit_ref", "Event Type": "status",
            "Location": "store_code", "Customer ID": "client_ref",
            "Employee": "staff_code",
        },
    ),
    "appointments": (
        "Appt ref,Appointment Date,Client,Mobile Number,Email,Service,Team member,Status,Net",
        {
            "Appt ref": "visit_ref", "Appointment Date": "started_at", "Client": "client_ref",
            "Mobile Number": "client_phone", "Service": "item", "Team member": "staff_code", "Status": "status",
            "Net": "amount",
        },
    ),
    "orders": (
        "Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Payment Method",
        {
            "Email": "client_ref", "Financial Status": "status", "Created at": "started_at",
            "Lineitem quantity": "quantity", "Lineitem name": "item", "Lineitem price": "unit_price",
            "Payment Method": "payment_method",
        },
    ),
    "chinese till": (
        "单号,结账时间,会员卡号,顾客姓名,手机号,项目名称,项目分类,数量,单价,应收,实收,支付方式,美容师,消费门店,状态,备注",
        {
            "单号": "visit_ref", "结账时间": "started_at", "会员卡号": "client_ref", "顾客姓名": "client_name",
            "手机号": "client_phone", "项目名称": "item", "项目分类": "category", "数量": "quantity",
            "单价": "unit_price", "实收": "amount", "支付方式": "payment_method", "美容师": "staff_code",
            "消费门店": "store_code", "状态": "status",
        },
    ),
    "commissions": (
        "Date,Team member,Client,Item,Item type,Sale price,Commission rate,Commission",
        {
            "Date": "started_at", "Team member": "staff_code", "Client": "client_ref", "Item": "item",
            "Item type": "kind", "Sale price": "amount",
        },
    ),
    "bookings": (
        "Appointment reference,Client,Scheduled date,Scheduled time,Duration,Services,Status,Location,Team member,Net",
        {
            "Appointment reference": "visit_ref", "Client": "client_ref", "Scheduled date": "started_at",
            "Scheduled time": "start_time", "Duration": "duration_min", "Services": "item", "Status": "status",
            "Location": "store_code", "Team member": "staff_code", "Net": "amount",
        },
    ),
    "invoices": (
        "Invoice No,Date,Guest Name,Guest Number,Staff,Service,Category,Qty,Unit Price,Discount,Tax,Total,Payment Mode",
        {
            "Invoice No": "visit_ref", "Date": "started_at", "Guest Name": "client_name", "Guest Number": "client_ref",
            "Staff": "staff_code", "Service": "item", "Category": "category", "Qty": "quantity",
            "Unit Price": "unit_price", "Discount": "discount", "Tax": "tax", "Total": "amount",
            "Payment Mode": "payment_method",
        },
    ),
    "nail technicians": (
        "Day,Tech,Service,Price,Tip,Payment",
        {
            "Day": "started_at", "Tech": "staff_code", "Service": "item", "Price": "unit_price", "Tip": "tip",
            "Payment": "payment_method",
        },
    ),
    "orders of a chinese till": (
        "订单号,营业日,结账时间,订单状态,折前金额,折后金额,支付方式,会员姓名,会员手机号,门店名称",
        {
            "订单号": "visit_ref", "结账时间": "started_at", "订单状态": "status", "折后金额": "amount",
            "支付方式": "payment_method", "会员姓名": "client_name", "会员手机号": "client_phone",
            "门店名称": "store_code",
        },
    ),
    "receipts of a chinese till": (
        "门店,营业日期,订单号,订单金额（元）,顾客应付（元）,支付合计（元）,订单收入（元）,结账方式,订单状态",
        {
            "门店": "store_code", "营业日期": "started_at", "订单号": "visit_ref", "支付合计（元）": "amount",
            "结账方式": "payment_method", "订单状态": "status",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_common_exports(layout: str) -> None:
    headings, meanings = LAYOUTS[layout][0].split(","), LAYOUTS[layout][1]
    found = suggest_fields("visits", headings, {})
    assert {heading: name for heading, name in zip(headings, found, strict=True) if name} == meanings


def test_an_address_stands_for_the_client_only_where_nothing_else_does() -> None:
    assert suggest_fields("visits", ["Email", "Name of client"], {}) == ["client_ref", None]
    assert suggest_fields("visits", ["Email", "Client ID"], {}) == [None, "client_ref"]
    assert suggest_fields("visits", ["邮箱", "手机号"], {}) == [None, "client_phone"]


def test_a_file_without_a_column_of_dates_takes_the_times() -> None:
    assert suggest_fields("visits", ["时间", "会员号"], {}) == ["started_at", "client_ref"]


def test_columns_of_one_heading_are_named_by_their_place() -> None:
    assert column_keys(["Client", "Date", "Client", "", "Client"]) == ["Client", "Date", "Client#2", "#4", "Client#3"]


def test_the_second_column_of_a_heading_can_be_mapped() -> None:
    options = ImportOptions(mapping={"Client#2": "client_ref", "Client": "-", "#4": "amount"}, store="S1")
    columns = match_columns("visits", ["Client", "Date", "Client", ""], options)
    assert {column.field.name: column.index for column in columns.used} == {
        "started_at": 1, "client_ref": 2, "amount": 3
    }  # fmt: skip
