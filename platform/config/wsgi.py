"""The WSGI application that gunicorn serves."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from core.shared.network import check_proxy  # noqa: E402

for warning in check_proxy():
    logging.getLogger(__name__).warning("%s %s", warning.msg, warning.hint)

# Tasks that requests send go to the broker of this application.
import config.celery  # noqa: E402, F401
from core.shared.requests import Utf8Request  # noqa: E402

application.request_class = Utf8Request
