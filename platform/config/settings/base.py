"""Settings shared by all environments."""

from config.env import CHECKOUT, env, revisit_home

from .integrations.accounts import *  # noqa: F403
from .integrations.cache import *  # noqa: F403
from .integrations.celery import *  # noqa: F403
from .integrations.database import *  # noqa: F403
from .integrations.logging import *  # noqa: F403
from .integrations.mail import *  # noqa: F403
from .integrations.rest_framework import *  # noqa: F403
from .integrations.stripe import *  # noqa: F403
from .integrations.unfold import *  # noqa: F403

BASE_DIR = CHECKOUT
REVISIT_HOME = revisit_home()

SHARED_APPS = [
    # First, so that its migrate commands override those of django_tenants.
    "tenants",
    "tenants.signup",
    "tenants.site",
    "tenants.life",
    "tenants.console",
    "billing",
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django_tenants",
    "core.shared",
    "core.accounts",
    "core.mail",
    "core.jobs",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
]
# Each has its tables in every chain's schema; accounts, mail, jobs and sessions exist on both sides.
TENANT_APPS = [
    "core.accounts",
    "core.mail",
    "core.jobs",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.sessions",
    "core.stores",
    "core.staff",
    "core.catalogue",
    "core.clients",
    "core.membership",
    "core.visits",
    "core.appointments",
    "core.balances",
    "core.merging",
    "core.imports",
    "core.reporting",
    "core.followup",
    "core.audit",
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *(app for app in TENANT_APPS if app not in SHARED_APPS),
    "core.overview",
    "core.profiles",
    "core.exports",
    "core.team",
    "core.start",
    "core.impersonation",
    "core.site",
]

TENANT_MODEL = "tenants.Chain"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
PLATFORM_HOSTS = env.list("PLATFORM_HOSTS", default=["localhost", "127.0.0.1"])
# The platform's URL: new chains get addresses under its host, and links in mails start with it.
PLATFORM_URL = env.str("PLATFORM_URL", default=f"http://{PLATFORM_HOSTS[0]}")
# Hosts of the operators' console; without one there is no console.
CONSOLE_HOSTS = env.list("CONSOLE_HOSTS", default=[])
CONSOLE_NEEDS_SECOND_FACTOR = True
# Who runs this installation, shown on the public pages if set.
PLATFORM_OPERATOR_NAME = env.str("PLATFORM_OPERATOR_NAME", default="")
PLATFORM_OPERATOR_ADDRESS = env.str("PLATFORM_OPERATOR_ADDRESS", default="")
PLATFORM_OPERATOR_EMAIL = env.str("PLATFORM_OPERATOR_EMAIL", default="")
# Number of our own proxies in front of this server: see core.shared.network.
PROXIES = env.int("PROXIES", default=0)

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.shared.middleware.HeadersMiddleware",
    "core.shared.request_bodies.BodyLimitMiddleware",
    "core.shared.middleware.NulMiddleware",
    "tenants.middleware.ChainMiddleware",
    "api.problems.ProblemMiddleware",
    "core.shared.concurrency.ConcurrencyMiddleware",
    "core.shared.middleware.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.console.middleware.StillOperatorMiddleware",
    "core.impersonation.middleware.ImpersonationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.site.language.LanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "core.accounts.policy.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.shared.middleware.ErrorMiddleware",
    "core.shared.middleware.ReadOnlyMiddleware",
]
# Concurrent requests per web process, which has twice as many threads: see core.shared.concurrency.
WEB_THREADS = env.int("WEB_THREADS", default=8)

# Django's admin log has no table: the console has its own log (tenants.console.action_log).
MIGRATION_MODULES = {"admin": None}

ROOT_URLCONF = "config.urls_tenant"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
CONSOLE_URLCONF = "config.urls_console"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.site.frame.page",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "core.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "core.accounts.passwords.CommonValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [CHECKOUT / "core" / "shared" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = REVISIT_HOME / "static"
MEDIA_ROOT = REVISIT_HOME / "files"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What a request may bring, Stripe's events of a few kilobytes among them; views that take files say so by
# core.shared.request_bodies.accepts_files. The web server gives a request of this size to a thread once it is whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
FILE_UPLOAD_HANDLERS = ["core.shared.request_bodies.RejectingUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
IMPORT_LARGEST_FILE = env.int("IMPORT_LARGEST_FILE", default=1024 * 1024 * 1024)
KEEP_FILES_DAYS = 30
# Limit of new chains per network address.
SIGN_UPS_AN_HOUR = env.int("SIGN_UPS_AN_HOUR", default=10)
# ReportRequest for the records that prove a domain; the machine's own unless given.
DNS_SERVERS = env.list("DNS_SERVERS", default=[])
DNS_PORT = env.int("DNS_PORT", default=53)
# Inside the folder that web and workers share; the dot keeps it apart from schema names.
EXPORT_ROOT = MEDIA_ROOT / ".exports"
KEEP_EXPORTS_DAYS = 7
# After their end.
KEEP_JOBS_DAYS = 30
RESTORE_LARGEST = env.int("RESTORE_LARGEST", default=200 * 1024 * 1024 * 1024)
# How long database backups are kept, and so how long they hold an erased chain.
BACKUP_KEPT_DAYS = env.int("BACKUP_KEPT_DAYS", default=30)
