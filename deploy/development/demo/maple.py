"""Maple & Birch, a small chain in Canada: another country, language, currency and several time zones, so that it shows
how chains are kept apart. Its cities and their tiers are its own."""

from datetime import date

from deploy.development.demo import names_ca
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

FACIALS, SKIN, MASSAGE, NAILS = "Facials", "Skin renewal", "Massage", "Nails & brows"
METROPOLIS, REGIONAL = "Metropolis", "Regional"

STORES = (
    StorePlan("TOR-YV", "Toronto Yorkville", "Toronto", METROPOLIS, 150, 0.03, 0.02, date(2017, 5, 6), "Ontario"),
    StorePlan("TOR-QW", "Toronto Queen West", "Toronto", METROPOLIS, 120, -0.03, 0.0, date(2019, 9, 14), "Ontario"),
    StorePlan(
        "VAN-KI", "Vancouver Kitsilano", "Vancouver", METROPOLIS, 110, 0.01, 0.01, date(2018, 3, 10),
        "British Columbia", "America/Vancouver",
    ),
    StorePlan("LON-RR", "London Richmond Row", "London", REGIONAL, 85, 0.0, 0.0, date(2020, 8, 22), "Ontario"),
    StorePlan(
        "KEL-DT", "Kelowna Downtown", "Kelowna", REGIONAL, 75, 0.05, 0.03, date(2021, 6, 12), "British Columbia",
        "America/Vancouver",
    ),
    StorePlan(
        "HFX-SG", "Halifax Spring Garden", "Halifax", REGIONAL, 100, -0.04, -0.02, date(2019, 10, 5), "Nova Scotia",
        "America/Halifax",
    ),
)  # fmt: skip

ITEMS = (
    Item("FAC-CL", "Classic facial", FACIALS, SERVICE, 110, 5, 60, 35),
    Item("FAC-HY", "Hydrating facial", FACIALS, SERVICE, 135, 4, 70, 30),
    Item("FAC-EX", "Express facial", FACIALS, SERVICE, 75, 3, 30, 30),
    Item("SKN-MD", "Microdermabrasion", SKIN, SERVICE, 160, 4, 60, 28),
    Item("SKN-PL", "Gentle peel", SKIN, SERVICE, 145, 3, 45, 28),
    Item("SKN-LT", "Light therapy", SKIN, SERVICE, 190, 2, 50, 21),
    Item("MAS-RX", "Relaxation massage", MASSAGE, SERVICE, 115, 5, 60, 30),
    Item("MAS-DT", "Deep tissue massage", MASSAGE, SERVICE, 130, 4, 60, 21),
    Item("MAS-HS", "Hot stone massage", MASSAGE, SERVICE, 150, 2, 75, 30),
    Item("NAI-MN", "Manicure", NAILS, SERVICE, 48, 5, 45, 21),
    Item("NAI-PD", "Pedicure", NAILS, SERVICE, 62, 4, 50, 30),
    Item("NAI-BR", "Brow shaping", NAILS, SERVICE, 34, 3, 25, 28),
    Item("PRD-CL", "Birch cleanser 150 ml", FACIALS, PRODUCT, 38, 3),
    Item("PRD-MO", "Maple moisturizer 50 ml", FACIALS, PRODUCT, 54, 2),
    Item("PRD-SE", "Renewal serum 30 ml", SKIN, PRODUCT, 86, 2),
    Item("PRD-OI", "Body oil 100 ml", MASSAGE, PRODUCT, 42, 2),
    Item("PRD-CU", "Cuticle oil", NAILS, PRODUCT, 18, 2),
    Item("PKG-FA", "Facial package", FACIALS, CARD_SALE, None),
    Item("PKG-SK", "Skin renewal package", SKIN, CARD_SALE, None),
    Item("PKG-MA", "Massage package", MASSAGE, CARD_SALE, None),
    Item("PKG-NA", "Nails gift card", NAILS, CARD_SALE, None),
)

NAMING = Naming(
    person=names_ca.person,
    phone=names_ca.phone,
    client_ref=lambda number: f"MB-{number:05d}",
    staff_roles=("Manager", "Therapist", "Senior therapist"),
    season=(0.88, 0.94, 1.0, 1.02, 1.1, 1.04, 0.96, 0.94, 1.0, 1.02, 1.06, 1.2),
    weekday=(0.7, 0.9, 1.0, 1.1, 1.25, 1.35, 0.9),
)

YEAR_2024 = YearPlan(
    year=2024,
    visits=1210,
    doubles=3,
    service_lines=1310,
    tiers={
        METROPOLIS: TierQuota(340, 136, 0.0, (0.36, 0.20, 0.26, 0.18)),
        REGIONAL: TierQuota(220, 73, 0.0, (0.33, 0.18, 0.28, 0.21)),
    },
    categories=(
        CategoryQuota(FACIALS, 245, 0.48, 0.37),
        CategoryQuota(SKIN, 150, 0.44, 0.22),
        CategoryQuota(MASSAGE, 210, 0.40, 0.28),
        CategoryQuota(NAILS, 135, 0.22, 0.13),
    ),
    monthly=0.11,
    seasonal=0.37,
    value=ValueQuota(0.04, 0.8, 266_000, 0.79, 5400, 6000),
    ratings=RatingQuota(0.45, 0.30, (4.4, 4.4, 4.3, 4.2, 4.0, 3.5)),
    closed=(date(2024, 1, 1), date(2024, 7, 1), date(2024, 12, 25)),
)

YEAR_2025 = YearPlan(
    year=2025,
    visits=1482,
    doubles=4,
    service_lines=1600,
    tiers={
        METROPOLIS: TierQuota(380, 165, 0.46, (0.37, 0.21, 0.26, 0.16)),
        REGIONAL: TierQuota(260, 97, 0.44, (0.33, 0.18, 0.28, 0.21)),
    },
    categories=(
        CategoryQuota(FACIALS, 285, 0.52, 0.37),
        CategoryQuota(SKIN, 180, 0.48, 0.22),
        CategoryQuota(MASSAGE, 245, 0.44, 0.28),
        CategoryQuota(NAILS, 155, 0.25, 0.13),
    ),
    monthly=0.12,
    seasonal=0.38,
    value=ValueQuota(0.05, 0.84, 356_000, 0.808, 5400, 6200),
    ratings=RatingQuota(0.55, 0.22, (4.4, 4.4, 4.3, 4.2, 4.0, 3.5)),
    closed=(date(2025, 1, 1), date(2025, 7, 1), date(2025, 12, 25)),
)

MAPLE = ChainPlan(
    schema="maple",
    seed="Maple & Birch 2025",
    stores=STORES,
    items=ITEMS,
    years=(YEAR_2024, YEAR_2025),
    naming=NAMING,
    prices=Prices(step=50, tail=0, small_card=(250, 700), least_card=300),
    member_tiers=(("normal", 0), ("silver", 500), ("gold", 1500), ("diamond", 5000)),
)
