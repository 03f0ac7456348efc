"""The demo chains as such: how they are set up, and who signs in to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.accounts.models import User
from deploy.development.demo.maple import MAPLE
from deploy.development.demo.plan import ChainPlan
from deploy.development.demo.yueyan import YUEYAN

# For the demo alone, and printed with it.
PASSWORD = "revisit-demo-2025"  # noqa: S105 - meant to be known


@dataclass(frozen=True)
class Login:
    """`stores`: those that a store manager works in."""

    role: str
    email: str
    name: str
    stores: tuple[str, ...] = ()

    def as_json(self) -> Mapping[str, str]:
        return {"role": self.role, "email": self.email, "password": PASSWORD}


@dataclass(frozen=True)
class DemoChain:
    plan: ChainPlan
    name: str
    country: str
    currency: str
    time_zone: str
    language: str
    logins: tuple[Login, ...]


DEMO_CHAINS = (
    DemoChain(
        YUEYAN,
        name="悦颜",
        country="CN",
        currency="CNY",
        time_zone="Asia/Shanghai",
        language="zh-hans",
        logins=(
            Login(User.Role.OWNER, "owner@yueyan.example", "林悦"),
            Login(User.Role.HQ, "hq@yueyan.example", "总部分析"),
            Login(User.Role.STORE_MANAGER, "jingan@yueyan.example", "静安店长", ("SHJA",)),
            Login(User.Role.STORE_MANAGER, "wuyue@yueyan.example", "吾悦店长", ("YCWY",)),
        ),
    ),
    DemoChain(
        MAPLE,
        name="Maple & Birch",
        country="CA",
        currency="CAD",
        time_zone="America/Toronto",
        language="en",
        logins=(
            Login(User.Role.OWNER, "owner@maple.example", "Claire Martin"),
            Login(User.Role.HQ, "hq@maple.example", "Head office"),
            Login(User.Role.STORE_MANAGER, "yorkville@maple.example", "Yorkville manager", ("TOR-YV",)),
            Login(User.Role.STORE_MANAGER, "kitsilano@maple.example", "Kitsilano manager", ("VAN-KI",)),
        ),
    ),
)
