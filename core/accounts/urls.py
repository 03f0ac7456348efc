from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.db import transaction
from django.urls import include, path, re_path

from core.accounts import views

# Signing in and the own account: the same at a chain and at the operators' console. What the audit trail tells of a
# change is kept or lost with it.
urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("account/sign-up/", account.signup, name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm-password/", account.reauthenticate, name="account_reauthenticate"),
    path("account/email/", transaction.atomic(account.email), name="account_email"),
    path("account/email/sent/", account.email_verification_sent, name="account_email_verification_sent"),
    path("account/email/confirm/<str:key>/", transaction.atomic(views.confirm_email), name="account_confirm_email"),
    path("account/password/", transaction.atomic(account.password_change), name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("account/password/forgotten/", account.password_reset, name="account_reset_password"),
    path("account/password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        transaction.atomic(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
    path("account/two-step/totp/activate/", views.set_up_second_factor, name="mfa_activate_totp"),
    path("account/two-step/", include("allauth.mfa.urls")),
    path("account/sessions/", transaction.atomic(sessions.list_usersessions), name="usersessions_list"),
]
