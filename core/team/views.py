"""The team, its invitations, and what each role may do."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.policy import requires_second_factor
from core.accounts.rights import Role, rights
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.shared.secret_links import IN_SESSION
from core.team.declaration import MANAGE_TEAM
from core.team.forms import InvitationForm, JoinForm, PlaceForm
from core.team.selectors import roles, team
from core.team.services import invitations, members, policy

ROWS = 100
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"name": ("name", "email"), "last_login": ("last_login",)}
INVITATION = "invitation"


@needs(MANAGE_TEAM)
@require_safe
def member_list(request: HttpRequest) -> HttpResponse:
    page = page_of(team(), request, ROWS, COLUMNS)
    return render(request, "team/list.html", {"pages": page, "second_factor": requires_second_factor()})


@require_safe
def role_matrix(request: HttpRequest) -> HttpResponse:
    """For everyone: what one's own role may do, and whom to ask."""
    return render(request, "team/roles.html", {"roles": roles(), "rights": rights()})


@needs(MANAGE_TEAM)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, initial={"role": Role.STORE_MANAGER})
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.invite(
                acting_user=signed_in(request),
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                scope=form.scope,
            )
        except AppError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The invitation is on its way to %s.") % user.email)
            return redirect("team:list")
    return render(request, "team/invite.html", {"form": form}, status=400 if form.errors else 200)


@needs(MANAGE_TEAM)
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(team(), pk=user_id)
    form = PlaceForm(request.POST or None, initial=members.placement_of(user))
    if request.method == "POST" and form.is_valid():
        try:
            members.change_member(
                acting_user=signed_in(request), user_id=user_id, role=form.cleaned_data["role"], scope=form.scope
            )
        except AppError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("team:list")
    return render(request, "team/member.html", {"member": user, "form": form}, status=400 if form.errors else 200)


@needs(MANAGE_TEAM)
@require_POST
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    user = members.deactivate_member(acting_user=signed_in(request), user_id=user_id)
    messages.success(request, _("%s can no longer sign in.") % user)
    return redirect("team:list")


@needs(MANAGE_TEAM)
@require_POST
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    user = members.reactivate_member(acting_user=signed_in(request), user_id=user_id)
    messages.success(request, _("%s can sign in again.") % user)
    return redirect("team:list")


@needs(MANAGE_TEAM)
@require_POST
def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    user = members.remove_second_factor(acting_user=signed_in(request), user_id=user_id)
    messages.success(request, _("%s can sign in with the password alone, and is told so by mail.") % user)
    return redirect("team:member", user_id)


@needs(MANAGE_TEAM)
@require_POST
def resend_invitation(request: HttpRequest, user_id: int) -> HttpResponse:
    user = invitations.resend_invitation(acting_user=signed_in(request), user_id=user_id)
    message = _("A new invitation is on its way to %s; the link sent before is good no more.")
    messages.success(request, message % user.email)
    return redirect("team:list")


@needs(MANAGE_TEAM)
@require_POST
def withdraw_invitation(request: HttpRequest, user_id: int) -> HttpResponse:
    invitations.withdraw_invitation(acting_user=signed_in(request), user_id=user_id)
    messages.success(request, _("The invitation is taken back."))
    return redirect("team:list")


@needs(MANAGE_TEAM)
@require_POST
def second_factor(request: HttpRequest) -> HttpResponse:
    required = request.POST.get("required") == "1"
    policy.set_second_factor(acting_user=signed_in(request), required=required)
    if required:
        messages.success(request, _("Everyone is now asked for a second step at the sign-in."))
    else:
        messages.success(request, _("The second step is everyone's own choice."))
    return redirect("team:list")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation's link leads. The page itself has the token in the session, not in its address."""
    if token == IN_SESSION:
        token = request.session.get(INVITATION, "")
        if not token:  # the address was copied into another browser
            raise AppError("bad_invitation", _("This link is incomplete. Open it from the mail again."), status=410)
    elif request.method != "POST":
        invitations.invitee_for_token(token)
        request.session[INVITATION] = token
        return redirect("team:join", IN_SESSION)
    user = invitations.invitee_for_token(token)
    if request.user.is_authenticated:
        message = _("This invitation is for %(email)s, and you are signed in as %(me)s. Sign out first if it is yours.")
        raise AppError("someone_else", message % {"email": user.email, "me": signed_in(request).email}, status=409)
    form = JoinForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            joined = invitations.accept(token=token, **form.cleaned_data)
        except AppError as error:
            if error.code != "weak_password":
                raise
            show_error(form, error)
        else:
            request.session.pop(INVITATION, None)
            response: HttpResponse = perform_login(request, joined, redirect_url=reverse("home"))
            return response
    context = {"form": form, "invited": user}
    return render(request, "team/join.html", context, status=400 if form.errors else 200)
