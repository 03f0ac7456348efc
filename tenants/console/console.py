"""Registers this app's pages in menu order; loaded by config.urls_console."""

from core.accounts.models import User
from tenants.console.models import OpenWork, OperatorAction, Restoration
from tenants.console.pages.chains import ChainPage
from tenants.console.pages.erasures import ErasurePage
from tenants.console.pages.open_work import OpenWorkPage
from tenants.console.pages.operators import LogPage, OperatorPage
from tenants.console.pages.restorations import RestorationPage
from tenants.console.site import console
from tenants.life.models import Erasure
from tenants.models import Chain

console.register(Chain, ChainPage)
console.register(OpenWork, OpenWorkPage)
console.register(Restoration, RestorationPage)
console.register(Erasure, ErasurePage)
console.register(User, OperatorPage)
console.register(OperatorAction, LogPage)
