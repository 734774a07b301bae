"""The steps of the first start: account, second factor, organisation, country, test messages. The steps end at the
checklist. The session remembers that the tour is under way."""

from django.contrib.sessions.backends.base import SessionBase

STEPS = 5
_KEY = "setting_up"
_NEXT = {"setup:organisation": "setup:country", "setup:country": "setup:test_messages"}
_NUMBER = {"setup:organisation": 3, "setup:country": 4, "setup:test_messages": 5}


def begin(session: SessionBase) -> None:
    """Start to lead this browser from page to page."""
    session[_KEY] = True


def end(session: SessionBase) -> None:
    """Go back to the checklist after each page from now on."""
    session.pop(_KEY, None)


def is_on(session: SessionBase) -> bool:
    """Return whether this browser is being led."""
    return bool(session.get(_KEY))


def next_page(session: SessionBase, page: str) -> str:
    """Return the name of the page that follows a page."""
    return _NEXT.get(page, "setup:checklist") if is_on(session) else "setup:checklist"


def step_of(session: SessionBase, page: str) -> dict[str, int]:
    """Return the template variables ``step`` and ``steps``; nothing unless this browser is being led."""
    return {"step": _NUMBER[page], "steps": STEPS} if is_on(session) else {}
