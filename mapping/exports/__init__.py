"""Files that leave the platform: the ledger's reports one a row, and the files of zone reports."""

from mapping.exports.rows import count_reports, stream_reports

__all__ = ["count_reports", "stream_reports"]
