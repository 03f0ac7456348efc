"""The chain's own groups of stores: the list, a group's page, and which stores join and leave it."""

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.gates import needs, signed_in
from core.shared.chain import chain_today
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.stores.declaration import MANAGE_STORES
from core.stores.group_forms import GroupForm, JoiningForm, LeavingForm
from core.stores.models import Store, StoreGroup, StoreGroupMember
from core.stores.selectors import groups_on, places_on
from core.stores.services.groups import add_stores, create_group, delete_group, rename_group, take_out

ROWS = 100
LONGEST_SEARCH = 100
# What the lists sort by, and the fields that stand for it.
GROUP_COLUMNS = {"name": ("name",), "stores": ("stores", "name")}
MEMBER_COLUMNS = {"store": ("store__name",), "joined": ("valid_from",), "left": ("valid_until",)}


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def group_list(request: HttpRequest) -> HttpResponse:
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            group = create_group(name=form.cleaned_data["name"], acting_user=signed_in(request))
        except AppError as error:
            _shown(form, error)
        else:
            return redirect("stores:group-joining", group.pk)
    page = page_of(groups_on(chain_today()), request, ROWS, GROUP_COLUMNS)
    return render(request, "stores/groups.html", {"form": form, "pages": page}, status=400 if form.errors else 200)


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, group_id: int) -> HttpResponse:
    found = get_object_or_404(StoreGroup, pk=group_id)
    form = GroupForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            renamed = rename_group(group_id=group_id, name=form.cleaned_data["name"], acting_user=signed_in(request))
        except AppError as error:
            _shown(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % renamed)
            return redirect("stores:group", group_id)
    return _group_page(request, found, form, LeavingForm([]))


@needs(MANAGE_STORES)
@require_POST
def deletion(request: HttpRequest, group_id: int) -> HttpResponse:
    found = get_object_or_404(StoreGroup, pk=group_id)
    delete_group(group_id=group_id, acting_user=signed_in(request))
    messages.success(request, _("“%s” is deleted. Its stores stay.") % found)
    return redirect("stores:groups")


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def joining(request: HttpRequest, group_id: int) -> HttpResponse:
    """The stores that can be chosen are those that the search finds, without those in the group for good."""
    found = get_object_or_404(StoreGroup, pk=group_id)
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    offered = list(_offered(found, search))
    form = JoiningForm(offered, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        dates = {name: form.cleaned_data[name] for name in ("joined_on", "left_on")}
        try:
            stores = add_stores(group_id=group_id, codes=form.codes, acting_user=signed_in(request), **dates)
        except AppError as error:
            _shown(form, error)
        else:
            count = len(stores)
            messages.success(request, ngettext("%(n)s store added.", "%(n)s stores added.", count) % {"n": count})
            return redirect("stores:group", group_id)
    context = {"group": found, "form": form, "q": search, "has_stores": bool(offered)}
    return render(request, "stores/joining.html", context, status=400 if form.errors else 200)


@needs(MANAGE_STORES)
@require_POST
def leaving(request: HttpRequest, group_id: int) -> HttpResponse:
    """With `end` the stores chosen leave on a day; else they are removed as if they had never been in the group."""
    found = get_object_or_404(StoreGroup, pk=group_id)
    form = LeavingForm(list(found.members.values_list("pk", flat=True)), request.POST)
    ends = "end" in request.POST
    if form.is_valid() and ends and not form.cleaned_data["left_on"]:
        form.add_error("left_on", _("Choose the day they left on."))
    if form.is_valid():
        left_on = form.cleaned_data["left_on"] if ends else None
        chosen = form.cleaned_data["members"]
        try:
            take_out(group_id=group_id, member_ids=chosen, left_on=left_on, acting_user=signed_in(request))
        except AppError as error:
            _shown(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % found)
            return redirect("stores:group", group_id)
    return _group_page(request, found, GroupForm(initial={"name": found.name}), form)


def _group_page(request: HttpRequest, found: StoreGroup, form: GroupForm, leaving_form: LeavingForm) -> HttpResponse:
    members = found.members.filter(store__merged_into=None).select_related("store")
    members = members.order_by(F("valid_until").asc(nulls_first=True), "store__code", "valid_from")
    page = page_of(members, request, ROWS, MEMBER_COLUMNS)
    today = chain_today()
    places = places_on(today)
    context = {
        "group": found,
        "form": form,
        "leaving": leaving_form,
        "pages": page,
        "rows": [(one, places.get(one.store_id), one.holds_on(today)) for one in page],
        "present": sum(one.holds_on(today) for one in members),
        "chosen": leaving_form.data.getlist("members") if leaving_form.is_bound else [],  # type: ignore[attr-defined]
    }
    failed = form.errors or leaving_form.errors
    return render(request, "stores/group.html", context, status=400 if failed else 200)


def _offered(group: StoreGroup, search: str) -> QuerySet[Store]:
    stays = StoreGroupMember.objects.filter(group=group, valid_until=None).values("store")
    stores = Store.objects.exclude(pk__in=stays).order_by("code")
    if not search:
        return stores
    places = places_on(chain_today()).items()
    there = [store for store, place in places if search.lower() in f"{place.city} {place.region}".lower()]
    return stores.filter(Q(code__icontains=search) | Q(name__icontains=search) | Q(pk__in=there))


def _shown(form: GroupForm | JoiningForm | LeavingForm, error: AppError) -> None:
    """At its field, or above the form; what the form cannot mend is the page's to show."""
    if error.status in (403, 404):
        raise error
    show_error(form, error)
