"""The first steps of a new chain, and which of them are done."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.declaration import IMPORT
from core.jobs.presentation import ShownJob, shown
from core.start.jobs import failure_of, last_sample_job
from core.start.services.sample import has_own_records, has_sample, remaining_stores
from core.stores.models import Store
from core.team.declaration import MANAGE_TEAM
from core.visits.models import Visit


@dataclass(frozen=True)
class Step:
    """`is_next`: the first that is not done."""

    title: str
    text: str
    action: str
    url: str
    done: bool
    is_next: bool = False


@dataclass(frozen=True)
class Onboarding:
    """`offers_sample`: the chain has no records of its own that sample data would mix with."""

    steps: tuple[Step, ...]
    offers_sample: bool
    has_sample: bool
    # Sample stores that stay because other records refer to them.
    left: list[str]
    # The open job on the sample, or the error of the last one.
    work: ShownJob | None
    problem: str


def onboarding_for(user: User) -> Onboarding:
    may_import = user.may(IMPORT)
    work = last_sample_job() if may_import else None
    steps = _steps(user) if may_import else []
    first = next((step for step in steps if not step.done), None)
    return Onboarding(
        steps=tuple(replace(step, is_next=step is first) for step in steps),
        offers_sample=may_import and not has_own_records(),
        has_sample=has_sample(),
        left=remaining_stores(),
        work=shown(work) if work and work.is_open else None,
        problem=failure_of(work),
    )


def _steps(user: User) -> list[Step]:
    imports = reverse("imports:new")
    steps = [
        Step(
            _("Bring in your stores"),
            _("A list with code, name and city: city tiers are known."),
            _("Import stores"),
            f"{imports}?kind=stores",
            Store.objects.exists(),
        ),
        Step(
            _("Bring in your visits"),
            _("The receipts of your tills, as they are. You say what each column means, and see what is wrong first."),
            _("Import visits"),
            f"{imports}?kind=visits",
            Visit.objects.exists(),
        ),
    ]
    if user.may(MANAGE_TEAM):
        team = reverse("team:list")
        text = _("Regional and store managers see their own stores only.")
        steps.append(Step(_("Invite your team"), text, _("Invite someone"), team, User.objects.count() > 1))
    return steps
