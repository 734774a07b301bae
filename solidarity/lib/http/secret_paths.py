"""Log filter that hides secret parts of paths: tokens of private links, calendar addresses, invitations.

Django logs the path of every refused request, and of every error.
"""

import logging
import re

_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_:=.-]{30,}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class HideSecretPaths(logging.Filter):
    """Replace long random parts of a logged path by "…". Ids of rows stay, because they open nothing by themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(hide(each) if isinstance(each, str) else each for each in record.args)
        return True


def hide(path: str) -> str:
    """Return a path without its secret parts."""
    return _TOKEN.sub(lambda found: found[0] if _UUID.fullmatch(found[0]) else "…", path)
