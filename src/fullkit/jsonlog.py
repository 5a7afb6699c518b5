"""One JSON object per log line, for stderr. No query strings, no bodies, no local variables."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Time, level, logger, sentence; for an exception its type, its first line and its frames."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, attribute in (("status", "status_code"), ("facts", "facts")):
            if hasattr(record, attribute):
                line[name] = getattr(record, attribute)
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            # Databases put the offending row, which may be somebody's address, on the second line.
            line["detail"] = str(record.exc_info[1]).partition("\n")[0][:300]
            frames = traceback.extract_tb(record.exc_info[2])
            line["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False, default=str)
