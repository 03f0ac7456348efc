"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.shared.file_fields import Field, FileFields, Value

FILE_FIELDS = (
    FileFields(
        "services",
        (
            Field(
                "service_code",
                _("Service code"),
                Value.CODE,
                required=True,
                max_length=100,
                headings="code service_id service_no sku 项目编号 项目编码 服务编号 服务编码",
            ),
            Field(
                "name",
                pgettext_lazy("of a person or a thing", "Name"),
                required=True,
                headings="service_name service description desc 项目名称 服务名称 项目",
            ),
            Field(
                "category",
                _("Category"),
                required=True,
                max_length=100,
                headings="cate service_category group 类别 分类 品类",
            ),
            Field("price", _("Price"), Value.MONEY, headings="list_price 价格 单价 标价"),
            Field(
                "duration_min", _("Duration in minutes"), Value.INTEGER, headings="duration minutes 时长 分钟 服务时长"
            ),
            Field(
                "interval_days",
                _("Days until the next visit is due"),
                Value.INTEGER,
                headings="interval return_days 间隔天数 回访天数",
            ),
        ),
    ),
)
