"""Telling people: notices are written with what they are about, in the same transaction, and sent by a worker.

:func:`tell` writes them; ``sending`` takes them to the senders of the three media; docs/notifications.md says how.
"""

from volunteers.notices.fineness import TooFine
from volunteers.notices.telling import BY_DEFAULT, Message, after_quiet, media_of, tell

__all__ = ["BY_DEFAULT", "Message", "TooFine", "after_quiet", "media_of", "tell"]
