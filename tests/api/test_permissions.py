"""Nothing of the API is open by default."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from api.permissions import HasRight
from core.accounts.models import User
from core.accounts.rights import Right, Role
from core.imports.declaration import IMPORT
from tests.isolation.test_requests import patterns


class Unmarked(APIView):
    def get(self, _request: Any) -> Response:
        return Response({})


class Marked(Unmarked):
    right = IMPORT


def status_of(view: type[APIView], user: Any) -> int:
    request = APIRequestFactory().get("/")
    request.user = user
    return view.as_view()(request).status_code


def test_a_view_that_names_no_right_is_for_nobody() -> None:
    assert status_of(Unmarked, User(role=Role.OWNER)) == 403
    assert status_of(Unmarked, AnonymousUser()) == 401


def test_a_view_is_for_whoever_has_its_right() -> None:
    assert status_of(Marked, User(role=Role.HQ)) == 200
    assert status_of(Marked, User(role=Role.FRONT_DESK)) == 403
    assert status_of(Marked, User(role=Role.OPERATOR)) == 403


def test_each_address_asks_for_a_right_by_the_default_permission() -> None:
    views = [entry.callback.cls for path, entry in patterns(get_resolver("config.urls_tenant")) if "api/" in path]  # type: ignore[attr-defined]
    assert views
    for view in views:
        assert list(view.permission_classes) == [HasRight], view
        assert isinstance(view.right, Right), view
