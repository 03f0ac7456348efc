"""Plausible Chinese names, and phone numbers no one has."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"  # noqa: E501
FEMALE_FIRST = "雨欣梦思佳诗嘉晓若子静婉心怡可语慧美雅芷楚书紫冰明文秀淑丽海春月玉红艳小依安宁沐清"
FEMALE_SECOND = "婷怡琪涵琳萱颖洁雯娜敏倩莹妍彤瑶蕾芳薇悦宁璐菲媛霞燕梅兰娟萍英华玲珍君岚云晴妮"
FEMALE_SINGLE = "婷敏静丽燕艳娟霞芳洁颖倩雪琳莉玲萍慧晶蕾"
MALE_FIRST = "浩子俊志明宇建文嘉天思伟海晓国家少永"
MALE_SECOND = "轩杰豪宇辉峰鹏涛强磊军龙毅博凯斌波平"
MALE_SINGLE = "伟磊强鹏杰涛超勇军浩"


def person(rng: Random, gender: str) -> str:
    female = gender == "female"
    # Common surnames come first in the list and far oftener.
    surname = SURNAMES[min(int(rng.expovariate(1 / 22)), len(SURNAMES) - 1)]
    if rng.random() < 0.18:
        return surname + rng.choice(FEMALE_SINGLE if female else MALE_SINGLE)
    first, second = (FEMALE_FIRST, FEMALE_SECOND) if female else (MALE_FIRST, MALE_SECOND)
    return surname + rng.choice(first) + rng.choice(second)


def phone(number: int) -> str:
    """Mobile numbers begin with 13 to 19: one that begins with 100 rings nowhere."""
    return f"100{(number * 7_919 + 12_345_678) % 100_000_000:08d}"
