"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.balances.models import OpeningBalance
from core.clients.declaration import CLIENT_REF
from core.shared.file_fields import Field, FileFields, Value, model_field
from core.stores.declaration import STORE_CODE

# What cells may say for each kind, with commas between.
_KIND_WORDS = {
    OpeningBalance.Kind.TIMES: (
        "course,course card,package,packages,series,pass,punch card,visits,sessions,count,"
        "次卡,计次卡,计次,次数卡,次数,疗程,疗程卡,套餐,套餐卡,套卡,项目卡,单项卡,时段卡,期限卡,年卡,季卡,月卡,通卡,组合卡,"
        "組合卡,療程,療程卡,計次卡,回数券,정액권,횟수권"
    ),
    OpeningBalance.Kind.AMOUNT: (
        "stored value,store credit,account credit,gift card,gift certificate,voucher,prepaid,prepaid card,"
        "储值,储值卡,充值,充值卡,储值账户,余额,现金卡,金额卡,礼品卡,账户余额,儲值,儲值卡,禮品卡,プリペイド,プリペイドカード,선불권,적립금"
    ),
}
KIND_WORDS = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split(",")}
FILE_FIELDS = (
    FileFields(
        "balances",
        (
            CLIENT_REF,
            Field("client_name", _("Client’s name"), max_length=100),
            Field("client_phone", _("Client’s phone"), max_length=50),
            model_field(OpeningBalance, "item", label=_("Name of the card or account"), essential=True),
            model_field(OpeningBalance, "card_number", value=Value.CODE),
            model_field(
                OpeningBalance,
                "kind",
                label=_("Kind: course card or stored value"),
                synonyms=KIND_WORDS,
                max_length=100,
            ),
            model_field(OpeningBalance, "times_left", value=Value.TIMES, essential=True),
            model_field(OpeningBalance, "amount_left", essential=True),
            model_field(OpeningBalance, "bonus_left", essential=True),
            model_field(OpeningBalance, "times_bought", value=Value.TIMES),
            model_field(OpeningBalance, "amount_bought"),
            model_field(OpeningBalance, "price"),
            model_field(OpeningBalance, "bought_on", essential=True),
            model_field(OpeningBalance, "expires_on", value=Value.EXPIRY, years_ahead=50),
            Field("service_code", _("Service, by code or name"), Value.CODE, max_length=100),
            STORE_CODE,
        ),
    ),
)
