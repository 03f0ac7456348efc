"""URLs of the operators' console, served only at CONSOLE_HOSTS."""

from django.urls import path
from django.utils.module_loading import autodiscover_modules

from core.accounts.urls import urlpatterns as account_pages
from core.site.urls import language
from tenants.console.site import console

# Each app's `console` module registers its pages.
autodiscover_modules("console")

urlpatterns = [
    language,
    *account_pages,
    path("", console.admin_view(console.index), name="home"),
    path("", console.urls),
]
handler500 = "core.shared.middleware.server_error"
