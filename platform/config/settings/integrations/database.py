"""PostgreSQL, at DATABASE_URL; in a checkout its own server unless that is set."""

from config.development import server_url
from config.env import env

DATABASES = {
    "default": {
        **env.db_url_config(server_url("DATABASE_URL")),
        "ENGINE": "tenants.postgresql_backend",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # One statement per execute, with parameters bound by the server: an injected call cannot add a statement.
        "OPTIONS": {"server_side_binding": True},
    }
}
# A streaming replica for reports: same login and database name.
if env.str("REPORTS_DATABASE_URL", default=""):
    DATABASES["reports"] = {**DATABASES["default"], **env.db_url_config(env.str("REPORTS_DATABASE_URL"))}
    DATABASES["reports"]["ENGINE"] = DATABASES["default"]["ENGINE"]
    DATABASES["reports"]["OPTIONS"] = dict(DATABASES["default"]["OPTIONS"])
# Only for Citus, whose nodes connect to each other as the chain's role: see docs/growth.md.
CHAIN_ROLES_LOGIN = env.bool("CHAIN_ROLES_LOGIN", default=False)
