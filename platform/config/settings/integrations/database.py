"""PostgreSQL, at DATABASE_URL; in a checkout its own server unless that is set."""

from config.development import server_url
from config.env import env

DATABASES = {
    "default": {
        **env.db_url_config(server_url("DATABASE_URL")),
        "ENGINE": "tenants.postgresql_backend",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # One execute is one statement, its values bound by the server.
        "OPTIONS": {"server_side_binding": True},
    }
}
# A streaming replica that reports are read from: the same login, the same database's name.
if env.str("REPORTS_DATABASE_URL", default=""):
    DATABASES["reports"] = {**DATABASES["default"], **env.db_url_config(env.str("REPORTS_DATABASE_URL"))}
    DATABASES["reports"]["ENGINE"] = DATABASES["default"]["ENGINE"]
    DATABASES["reports"]["OPTIONS"] = dict(DATABASES["default"]["OPTIONS"])
# On a Citus cluster alone, where the nodes speak to each other as the chain's role: see docs/growth.md.
CHAIN_ROLES_LOGIN = env.bool("CHAIN_ROLES_LOGIN", default=False)
