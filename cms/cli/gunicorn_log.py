"""gunicorn's own words, in the lines that the rest of the log has."""

import os
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from cms.core.log_lines import FORMATS, formatter


class Logger(GunicornLogger):
    """Writes as CMS_LOG_FORMAT says (`flask serve` hands it on), else as its environment does."""

    def setup(self, cfg: Any) -> None:
        """Set gunicorn's handlers up, and have them write our lines."""
        super().setup(cfg)
        given = os.environ.get("CMS_LOG_FORMAT", "")
        kind = given if given in FORMATS else "json" if os.environ.get("CMS_ENV") == "production" else "text"
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter(kind))
