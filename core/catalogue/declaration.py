"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.catalogue.models import Service
from core.shared.file_fields import NAME, Field, FileFields, Value, model_field

FILE_FIELDS = (
    FileFields(
        "services",
        (
            model_field(
                Service,
                "code",
                name="service_code",
                value=Value.CODE,
                required=True,
                headings="code service_id service_no sku 项目编号 项目编码 服务编号 服务编码",
            ),
            model_field(
                Service,
                "name",
                label=NAME,
                required=True,
                headings="service_name service description desc 项目名称 服务名称 项目",
            ),
            Field(
                "category",
                _("Category"),
                required=True,
                max_length=100,
                headings="cate service_category group 类别 分类 品类",
                column="category_id",
            ),
            model_field(Service, "price", headings="list_price 价格 单价 标价"),
            model_field(
                Service,
                "duration_min",
                label=_("Duration in minutes"),
                headings="duration minutes 时长 分钟 服务时长",
            ),
            model_field(
                Service,
                "interval_days",
                label=_("Days until the next visit is due"),
                largest=3650,
                headings="interval return_days 间隔天数 回访天数",
            ),
        ),
    ),
)
