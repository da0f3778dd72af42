"""The log: events with fixed words and fields, and no personal data."""

import logging
import sys

import structlog
from structlog.typing import EventDict

from jobs.crashes import masked

OUR_FAULT = 500
"""Statuses from here on are faults of ours; those below are the caller's."""


def without_traceback(record: logging.LogRecord) -> bool:
    """Take the traceback from the record of a refusal, such as 403: it tells of nothing to mend here."""
    if getattr(record, "status_code", OUR_FAULT) < OUR_FAULT:
        record.exc_info = record.exc_text = None
    return True


def mask_addresses(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Mask mail addresses in the traceback of `event`: exceptions quote what they were given."""
    if "exception" in event:
        event["exception"] = masked(event["exception"])
    return event


def configure(*, as_json: bool) -> None:
    """Send structlog's events and the libraries' records to standard error, one a line.

    `as_json` writes JSON for a log collector, else text for a person.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_addresses,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(without_traceback)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("pikepdf").setLevel(logging.ERROR)  # its warnings quote the documents
