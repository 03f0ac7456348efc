from django.urls import path

from core.team import views

app_name = "team"
urlpatterns = [
    path("", views.member_list, name="list"),
    path("roles/", views.role_matrix, name="roles"),
    path("invite/", views.invite, name="invite"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("<int:user_id>/", views.member, name="member"),
    path("<int:user_id>/deactivate/", views.deactivate, name="deactivate"),
    path("<int:user_id>/reactivate/", views.reactivate, name="reactivate"),
    path("<int:user_id>/second-factor/take-off/", views.remove_second_factor, name="take-off-second-factor"),
    path("<int:user_id>/invitation/send/", views.resend_invitation, name="send-again"),
    path("<int:user_id>/invitation/take-back/", views.withdraw_invitation, name="take-back"),
    path("join/<str:token>/", views.join, name="join"),
]
