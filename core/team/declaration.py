"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import right
from core.accounts.sections import Section
from core.audit.actions import AuditAction

MANAGE_TEAM = right("manage_team", _("Invite people, set their roles and stores"), place=13)
RIGHTS = (MANAGE_TEAM,)
SECTIONS = (Section("team", _("Team"), "team:list", MANAGE_TEAM, place=5),)


class Action(AuditAction):
    USER_INVITED = "user.invited", _("Person invited")
    USER_INVITATION_TAKEN_BACK = "user.invitation_taken_back", _("Invitation taken back")
    USER_JOINED = "user.joined", _("Person joined")
    USER_ROLE_CHANGED = "user.role_changed", _("Role or stores of a person changed")
    USER_DEACTIVATED = "user.deactivated", _("Person's access ended")
    USER_REACTIVATED = "user.reactivated", _("Person's access restored")
    SETTINGS_CHANGED = "chain.settings_changed", _("Settings of the chain changed")


CLOSED_TO_OPERATORS = (
    "team:invite",
    "team:second-factor",
    "team:member",
    "team:deactivate",
    "team:reactivate",
    "team:send-again",
    "team:take-back",
    "team:take-off-second-factor",
)
EXPENSIVE_REQUESTS = {"POST team:join": "passwords"}
