"""What this app brings to the rest of the product."""

from dataclasses import replace

from core.shared.file_fields import NAME, FileFields, Value, model_field
from core.staff.models import StaffMember
from core.stores.declaration import STORE_CODE

FILE_FIELDS = (
    FileFields(
        "staff",
        (
            model_field(
                StaffMember,
                "code",
                name="staff_code",
                value=Value.CODE,
                required=True,
                headings=(
                    "staff staff_id staff_no employee employee_id employee_no stylist_code "
                    "员工编号 员工工号 工号 技师编号 员工号"
                ),
            ),
            model_field(
                StaffMember,
                "name",
                label=NAME,
                required=True,
                headings="staff_name employee_name 姓名 员工姓名 技师姓名",
            ),
            replace(STORE_CODE, required=True, column="store_id"),
            model_field(StaffMember, "role", headings="position job_title title 职位 岗位"),
            model_field(StaffMember, "phone", headings="mobile telephone phone_number 电话 手机 手机号 联系电话"),
            model_field(StaffMember, "email", headings="e_mail mail 邮箱 电子邮箱"),
            model_field(StaffMember, "hired_on", headings="hired hire_date start_date 入职日期 入职时间"),
        ),
    ),
)
