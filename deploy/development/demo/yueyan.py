"""悦颜, the chain of the 2025 annual review (requirement H3), on three years of records.

Each figure of the review is a quota below, reached exactly or to rounding. They hold together, though only just; what
they force, and what was left out, for 2025:

- Clients. Singles come once and repeat clients r times on average: 12,850 = N (0.58 + 0.42 r). With N = 5,352 (2,249
  repeat) r is 4.3, which is what the cycles give: 12 % monthly on about 11 days a year, 38 % every two to three
  months on about 5, the rest on 2.5. (A mean gap above 92 days leaves room for four days a year at most.)
- City tiers. 1,790 × 48 % + 2,046 × 42 % + 1,516 × 35 % = 42.0 %.
- Value. 0.35 × 68 % + 0.65 × 28 % = 42.0 %. But 0.35 × 32 % = 11 % of clients (599) are of high value and came on one
  day only: each bought a course card for more than 5,000 and has not been back to use it.
- Revenue. 1,873 high-value clients spend more than 9.37 million of the 12.5. One-day clients may bring 32 %, 4.0
  million, of which those 599 spend 3.0 at the very least; so they spend 5,480 on average, and the other 2,504 one-day
  clients 280, one treatment. Repeat clients' 8.5 million leave 5,800 to each of the 1,274 of high value (the floor
  being 5,000), and 1,100 to each of the 975 others. Spends therefore crowd just above 5,000, where the gold tier
  begins, and the best fifth of clients brings 52 % of revenue, not the four fifths that salons often see.
- Categories. 3,301 of 7,200 pairs of client and category repeat, 1.47 for each repeat client, and their days, with a
  second service on one visit in twelve, make the shares of service lines.
- Ratings. Shares of 58, 20 and 22 % of the clients who rated (at least 4.8; between; below 4.5) allow a mean over
  clients of 0.58 × 5.0 + 0.20 × 4.7 + 0.22 × 4.4 = 4.81 at most. For 4.8 the unhappy must be barely unhappy: they give
  4.4, seldom less. The mean over ratings is 4.78, over clients 4.76.
- Not held: the correlation of 0.82 between satisfaction and repurchase of facial care. Over stores and quarters with 30
  clients or more, chance alone moves a cell's rate by about 8 points (√(0.55 × 0.45 / 40)), twice as much as the
  stores of a chain differ; ratings go with repurchase client by client instead.
- Visits are those of known clients. Anonymous sales, 1.2 % of lines, come to 0.6 % more receipts and 0.4 % of revenue.

Two stores lie outside the funnel: 上海静安店 above it and 盐城吾悦店 below.
"""

from datetime import date

from deploy.development.demo import names_cn
from deploy.development.demo.plan import (
    CARD_SALE,
    PRODUCT,
    SERVICE,
    CategoryQuota,
    ChainPlan,
    Item,
    Naming,
    Prices,
    RatingQuota,
    StorePlan,
    TierQuota,
    ValueQuota,
    YearPlan,
)

FACIAL, ANTI_AGEING, BODY, OTHER = "面部护理", "抗衰", "身体SPA", "其他"

STORES = (
    StorePlan("BJGM", "北京国贸店", "北京市", "一线", 155, 0.029, 0.01, date(2016, 4, 18)),
    StorePlan("BJZGC", "北京中关村店", "北京市", "一线", 148, -0.006, 0.0, date(2018, 9, 8)),
    StorePlan("BJWJ", "北京望京店", "北京市", "一线", 131, 0.01, 0.0, date(2019, 5, 18)),
    StorePlan("SHJA", "上海静安店", "上海市", "一线", 212, 0.136, 0.05, date(2015, 10, 1), loyal_to_staff=0.8),
    StorePlan("SHXJH", "上海徐家汇店", "上海市", "一线", 207, 0.048, 0.02, date(2016, 12, 10)),
    StorePlan("SHLJZ", "上海陆家嘴店", "上海市", "一线", 174, -0.019, 0.0, date(2018, 3, 24)),
    StorePlan("SHZSGY", "上海中山公园店", "上海市", "一线", 101, 0.038, 0.0, date(2020, 11, 7)),
    StorePlan("GZTH", "广州天河店", "广州市", "一线", 163, 0.019, -0.01, date(2017, 8, 12)),
    StorePlan("GZZJXC", "广州珠江新城店", "广州市", "一线", 152, -0.045, -0.02, date(2019, 1, 19)),
    StorePlan("SZFT", "深圳福田店", "深圳市", "一线", 230, 0.035, 0.01, date(2017, 3, 18)),
    StorePlan("SZNS", "深圳南山店", "深圳市", "一线", 117, -0.029, -0.03, date(2021, 4, 10)),
    StorePlan("SJZCA", "石家庄长安店", "石家庄市", "二线", 140, -0.019, 0.0, date(2019, 9, 21)),
    StorePlan("TYYZ", "太原迎泽店", "太原市", "二线", 128, 0.013, 0.0, date(2020, 6, 13)),
    StorePlan("SYSH", "沈阳沈河店", "沈阳市", "二线", 190, 0.022, 0.02, date(2018, 5, 19)),
    StorePlan("DLZS", "大连中山店", "大连市", "二线", 168, -0.032, -0.01, date(2018, 10, 20)),
    StorePlan("HRBNG", "哈尔滨南岗店", "哈尔滨市", "二线", 195, -0.054, -0.02, date(2019, 12, 7)),
    StorePlan("WXLX", "无锡梁溪店", "无锡市", "二线", 146, 0.042, 0.01, date(2017, 11, 18)),
    StorePlan("FZGL", "福州鼓楼店", "福州市", "二线", 150, 0.006, 0.0, date(2018, 7, 14)),
    StorePlan("XMSM", "厦门思明店", "厦门市", "二线", 177, 0.058, 0.03, date(2017, 5, 20)),
    StorePlan("JNLX", "济南历下店", "济南市", "二线", 165, -0.013, 0.0, date(2019, 3, 16)),
    StorePlan("LYJX", "洛阳涧西店", "洛阳市", "二线", 104, -0.026, 0.0, date(2021, 9, 18)),
    StorePlan("NNQX", "南宁青秀店", "南宁市", "二线", 160, 0.003, 0.01, date(2020, 1, 11)),
    StorePlan("KMWH", "昆明五华店", "昆明市", "二线", 188, 0.029, 0.0, date(2019, 7, 27)),
    StorePlan("GYGSH", "贵阳观山湖店", "贵阳市", "二线", 135, -0.035, -0.03, date(2021, 6, 5)),
    StorePlan("TSLN", "唐山路南店", "唐山市", "三线", 98, 0.006, 0.0, date(2020, 8, 22)),
    StorePlan("YCWY", "盐城吾悦店", "盐城市", "三线", 168, -0.146, -0.02, date(2019, 4, 27)),
    StorePlan("YZHJ", "扬州邗江店", "扬州市", "三线", 162, 0.026, 0.01, date(2018, 12, 1)),
    StorePlan("WHJH", "芜湖镜湖店", "芜湖市", "三线", 137, -0.022, 0.0, date(2020, 5, 23)),
    StorePlan("GZZG", "赣州章贡店", "赣州市", "三线", 120, 0.019, 0.0, date(2021, 3, 20)),
    StorePlan("YCXL", "宜昌西陵店", "宜昌市", "三线", 131, 0.01, 0.0, date(2019, 11, 9)),
    StorePlan("XYFC", "襄阳樊城店", "襄阳市", "三线", 110, -0.032, -0.02, date(2020, 10, 17)),
    StorePlan("YYYYL", "岳阳岳阳楼店", "岳阳市", "三线", 78, 0.016, 0.0, date(2022, 3, 12)),
    StorePlan("HKLH", "海口龙华店", "海口市", "三线", 168, 0.032, 0.01, date(2018, 11, 24)),
    StorePlan("MYFC", "绵阳涪城店", "绵阳市", "三线", 142, -0.01, 0.0, date(2020, 7, 4)),
    StorePlan("LZCG", "兰州城关店", "兰州市", "三线", 127, 0.022, 0.0, date(2021, 5, 15)),
    StorePlan("YINJF", "银川金凤店", "银川市", "三线", 84, -0.016, 0.0, date(2022, 5, 28)),
)

ITEMS = (
    Item("F01", "深层清洁护理", FACIAL, SERVICE, 198, 5, 60, 30),
    Item("F02", "补水保湿护理", FACIAL, SERVICE, 268, 6, 60, 28),
    Item("F03", "美白焕肤护理", FACIAL, SERVICE, 358, 3, 75, 28),
    Item("F04", "敏感肌修护", FACIAL, SERVICE, 328, 3, 70, 21),
    Item("F05", "小气泡清洁", FACIAL, SERVICE, 168, 4, 45, 30),
    Item("A01", "射频紧致", ANTI_AGEING, SERVICE, 598, 4, 75, 30),
    Item("A02", "胶原提拉护理", ANTI_AGEING, SERVICE, 498, 4, 80, 30),
    Item("A03", "眼周抗皱护理", ANTI_AGEING, SERVICE, 398, 4, 50, 21),
    Item("A04", "肩颈淡纹护理", ANTI_AGEING, SERVICE, 428, 2, 60, 30),
    Item("B01", "芳香精油SPA", BODY, SERVICE, 368, 4, 90, 30),
    Item("B02", "肩颈舒缓", BODY, SERVICE, 228, 6, 60, 14),
    Item("B03", "全身经络疏通", BODY, SERVICE, 318, 3, 80, 21),
    Item("B04", "热石SPA", BODY, SERVICE, 398, 2, 90, 30),
    Item("B05", "草本足浴", BODY, SERVICE, 168, 3, 60, 14),
    Item("O01", "美甲", OTHER, SERVICE, 128, 4, 60, 30),
    Item("O02", "美睫", OTHER, SERVICE, 168, 3, 70, 45),
    Item("O03", "脱毛", OTHER, SERVICE, 158, 2, 40, 35),
    Item("O04", "修眉化妆", OTHER, SERVICE, 88, 3, 30, None),
    Item("PF1", "补水面膜(5片)", FACIAL, PRODUCT, 98, 5),
    Item("PF2", "保湿精华 30ml", FACIAL, PRODUCT, 268, 2),
    Item("PF3", "防晒乳 50ml", FACIAL, PRODUCT, 158, 3),
    Item("PA1", "抗皱眼霜 15ml", ANTI_AGEING, PRODUCT, 368, 2),
    Item("PA2", "紧致面霜 50g", ANTI_AGEING, PRODUCT, 428, 1),
    Item("PB1", "身体乳 250ml", BODY, PRODUCT, 128, 3),
    Item("PB2", "舒缓精油 10ml", BODY, PRODUCT, 168, 2),
    Item("PO1", "护甲油", OTHER, PRODUCT, 58, 3),
    Item("PO2", "睫毛滋养液", OTHER, PRODUCT, 98, 2),
    Item("KF1", "面部护理疗程卡", FACIAL, CARD_SALE, None),
    Item("KA1", "抗衰疗程卡", ANTI_AGEING, CARD_SALE, None),
    Item("KB1", "身体SPA疗程卡", BODY, CARD_SALE, None),
    Item("KO1", "会员储值卡", OTHER, CARD_SALE, None),
)

# Busier before the Spring Festival, in May and in autumn; quiet in February and high summer.
SEASON = (1.06, 0.78, 1.0, 1.0, 1.08, 1.0, 0.94, 0.94, 1.02, 1.04, 1.08, 1.12)
WEEKDAY = (0.78, 0.8, 0.86, 0.9, 1.08, 1.36, 1.26)

NAMING = Naming(
    person=names_cn.person,
    phone=names_cn.phone,
    client_ref=lambda number: f"YY{number:06d}",
    staff_roles=("店长", "美容师", "高级美容师"),
    season=SEASON,
    weekday=WEEKDAY,
)

YEAR_2023 = YearPlan(
    year=2023,
    visits=8610,
    doubles=18,
    service_lines=9300,
    tiers={
        "一线": TierQuota(1290, 548, 0.0, (0.35, 0.19, 0.28, 0.18)),
        "二线": TierQuota(1590, 525, 0.0, (0.33, 0.19, 0.29, 0.19)),
        "三线": TierQuota(1190, 337, 0.0, (0.31, 0.17, 0.30, 0.22)),
    },
    categories=(
        CategoryQuota(FACIAL, 1690, 0.46, 0.38),
        CategoryQuota(ANTI_AGEING, 1060, 0.42, 0.22),
        CategoryQuota(BODY, 1530, 0.36, 0.27),
        CategoryQuota(OTHER, 970, 0.21, 0.13),
    ),
    monthly=0.11,
    seasonal=0.36,
    value=ValueQuota(0.24, 0.62, 7_030_000, 0.63, 5390, 5850),
    ratings=RatingQuota(0.30, 0.42, (4.4, 4.4, 4.3, 4.2, 4.0, 4.0, 3.5, 3.0)),
    closed=(date(2023, 1, 1), date(2023, 1, 21), date(2023, 1, 22), date(2023, 1, 23), date(2023, 1, 24)),
)

YEAR_2024 = YearPlan(
    year=2024,
    visits=10_826,
    doubles=24,
    service_lines=11_700,
    tiers={
        "一线": TierQuota(1540, 687, 0.44, (0.36, 0.20, 0.27, 0.17)),
        "二线": TierQuota(1940, 691, 0.41, (0.35, 0.19, 0.28, 0.18)),
        "三线": TierQuota(1420, 440, 0.37, (0.30, 0.17, 0.30, 0.23)),
    },
    categories=(
        CategoryQuota(FACIAL, 2090, 0.50, 0.38),
        CategoryQuota(ANTI_AGEING, 1330, 0.45, 0.22),
        CategoryQuota(BODY, 1850, 0.40, 0.28),
        CategoryQuota(OTHER, 1130, 0.22, 0.12),
    ),
    monthly=0.115,
    seasonal=0.37,
    value=ValueQuota(0.28, 0.62, 10_000_000, 0.65, 5420, 6310),
    ratings=RatingQuota(0.34, 0.40, (4.4, 4.4, 4.3, 4.2, 4.0, 4.0, 3.5, 3.0)),
    closed=(date(2024, 1, 1), date(2024, 2, 9), date(2024, 2, 10), date(2024, 2, 11), date(2024, 2, 12)),
)

YEAR_2025 = YearPlan(
    year=2025,
    visits=12_850,
    doubles=30,
    service_lines=13_900,
    tiers={
        "一线": TierQuota(1790, 859, 0.47, (0.362, 0.203, 0.267, 0.168)),
        "二线": TierQuota(2046, 859, 0.46, (0.35, 0.20, 0.27, 0.18)),
        "三线": TierQuota(1516, 531, 0.455, (0.33, 0.19, 0.28, 0.20)),
    },
    categories=(
        CategoryQuota(FACIAL, 2350, 0.55, 0.38),
        CategoryQuota(ANTI_AGEING, 1550, 0.50, 0.22),
        CategoryQuota(BODY, 2050, 0.45, 0.28),
        CategoryQuota(OTHER, 1250, 0.25, 0.12),
    ),
    monthly=0.12,
    seasonal=0.38,
    value=ValueQuota(0.35, 0.68, 12_500_000, 0.68, 5480, 5800),
    ratings=RatingQuota(0.58, 0.22, (4.4, 4.4, 4.4, 4.4, 4.4, 4.4, 4.4, 4.3, 4.3, 4.1)),
    closed=(date(2025, 1, 1), date(2025, 1, 28), date(2025, 1, 29), date(2025, 1, 30), date(2025, 1, 31)),
)

YUEYAN = ChainPlan(
    schema="yueyan",
    seed="悦颜 2025",
    stores=STORES,
    items=ITEMS,
    years=(YEAR_2023, YEAR_2024, YEAR_2025),
    naming=NAMING,
    prices=Prices(),
)
