"""Mail: an outbox row in the sender's transaction, then delivered to EMAIL_URL (smtp+tls://user:password@host:587).

Without EMAIL_URL, mails are written to files under REVISIT_HOME/mail.
"""

from config.env import env, revisit_home

EMAIL_BACKEND = "core.mail.backend.OutboxBackend"
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(revisit_home() / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Revisit <no-reply@localhost>")
if env.str("EMAIL_URL", default=""):
    _server = env.email_url("EMAIL_URL")
    MAIL_DELIVERY_BACKEND = _server["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _server["EMAIL_HOST"], _server["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _server["EMAIL_HOST_USER"], _server["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _server.get("EMAIL_USE_TLS", False), _server.get("EMAIL_USE_SSL", False)
