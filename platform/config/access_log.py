"""The access log, with secret links masked: see core.shared.secret_links."""

from typing import Any

from gunicorn.glogging import Logger

from core.shared.secret_links import SecretLinkFilter, masked

_FILTER = SecretLinkFilter()


class AccessLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_FILTER)

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Return the values for the log format, masked: path, query, Referer and other headers."""
        atoms = super().atoms(resp, req, environ, request_time)
        return {name: masked(value) if isinstance(value, str) else value for name, value in atoms.items()}
