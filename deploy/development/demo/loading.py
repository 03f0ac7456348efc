"""Fill a demo chain, inside it: its files through the ordinary import, then its users.

Each file comes in whole or not at all, and one that is in already changes nothing; so a run that was broken off is
made good by the next.
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from core.accounts.models import User
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from core.stores.models import Store, StoreAccess
from core.visits.models import Visit
from deploy.development.demo.chains import PASSWORD, DemoChain, Login
from deploy.development.demo.files import write_files
from deploy.development.demo.generate import generate
from deploy.development.demo.plan import ChainPlan, brought_up_to


def fill(demo: DemoChain, tell: Callable[[str], None]) -> None:
    plan = brought_up_to(demo.plan, _today(demo))
    if not _is_loaded(plan):
        _refuse_another_chain(plan)
        with TemporaryDirectory(prefix="revisit-demo-") as folder:
            _load(plan, Path(folder), tell)
    for login in demo.logins:
        _let_in(login)


def _today(demo: DemoChain) -> date:
    """The day that it is, or still is, in each of its stores."""
    zones = {demo.time_zone, *(store.time_zone for store in demo.plan.stores if store.time_zone)}
    return min(timezone.localdate(timezone=ZoneInfo(zone)) for zone in zones)


def _is_loaded(plan: ChainPlan) -> bool:
    """The last year's visits come last."""
    return Visit.objects.filter(day__gte=date(plan.years[-1].year, 1, 1)).exists()


def _refuse_another_chain(plan: ChainPlan) -> None:
    """Someone may have made a chain of that name for records of their own."""
    stranger = Store.objects.exclude(code__in=[store.code for store in plan.stores]).first()
    if stranger:
        message = (
            f"The chain {plan.schema} has stores that are not the demo's, such as {stranger.code}; it is left as it is."
        )
        raise AppError("not_the_demo", message, status=409)


def _load(plan: ChainPlan, folder: Path, tell: Callable[[str], None]) -> None:
    for kind, path in write_files(plan, generate(plan), folder):
        result = import_file(kind=kind, source=path, options=ImportOptions())
        tell(f"{plan.schema}: {path.name}, {result.rows:,} rows in {result.seconds:.1f} s")
    # Not every store has had a visit on the last day.
    Store.objects.update(complete_through=plan.last_day)


@cache
def _hashed_password() -> str:
    """Once for all: hashing takes its time, and everybody knows this one."""
    return make_password(PASSWORD)


def _let_in(login: Login) -> None:
    """A user who is there keeps the password they have."""
    with transaction.atomic():
        user = User.objects.filter(email=login.email).first() or User.objects.create(
            email=login.email,
            name=login.name,
            role=login.role,
            password=_hashed_password(),
            email_confirmed_at=timezone.now(),
        )
        for store in Store.objects.filter(code__in=login.stores):
            StoreAccess.objects.get_or_create(user=user, store=store)
