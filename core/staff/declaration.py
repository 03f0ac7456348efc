"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.shared.file_fields import Field, FileFields, Value, required
from core.stores.declaration import STORE_CODE

FILE_FIELDS = (
    FileFields(
        "staff",
        (
            Field(
                "staff_code",
                _("Staff code"),
                Value.CODE,
                required=True,
                max_length=64,
                headings=(
                    "staff staff_id staff_no employee employee_id employee_no stylist_code "
                    "员工编号 员工工号 工号 技师编号 员工号"
                ),
            ),
            Field(
                "name",
                pgettext_lazy("of a person or a thing", "Name"),
                required=True,
                max_length=150,
                headings="staff_name employee_name 姓名 员工姓名 技师姓名",
            ),
            required(STORE_CODE),
            Field("role", _("Role"), max_length=100, headings="position job_title title 职位 岗位"),
            Field(
                "phone", _("Phone"), max_length=40, headings="mobile telephone phone_number 电话 手机 手机号 联系电话"
            ),
            Field("email", _("E-mail"), max_length=254, headings="e_mail mail 邮箱 电子邮箱"),
            Field("hired_on", _("Hired on"), Value.DATE, headings="hired hire_date start_date 入职日期 入职时间"),
        ),
    ),
)
