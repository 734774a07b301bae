"""The screenshots in the guides: the page, the login that sees it, the size, and the clicks before it."""

from dataclasses import dataclass

PHONE = (390, 844)
DESK = (1440, 900)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a page. login: mailbox of the demonstration's login. clicks: selectors of the elements to click, in
    order. until: selector of an element that shows that the page is ready."""

    name: str
    login: str
    path: str
    size: tuple[int, int] = PHONE
    clicks: tuple[str, ...] = ()
    until: str = "main h1"


SHOTS = (
    Shot("volunteer-home", "volunteer", "/"),
    Shot("volunteer-needs", "volunteer", "/open/"),
    Shot("volunteer-commitment", "volunteer", "/commitments/", clicks=("main a[href^='/commitments/']",)),
    Shot("member-tour", "member", "/tours/tour-mode/", until="main button:visible"),
    Shot("member-encounter", "member", "/encounters/new/"),
    Shot("dispatcher-queue", "dispatcher", "/triage/", DESK),
    Shot("dispatcher-call", "dispatcher", "/triage/calls/new/", DESK),
    Shot("dispatcher-alarms", "dispatcher", "/desk/alarms/", DESK),
    Shot("coordinator-dashboard", "coordinator", "/map/dashboard/", DESK),
    Shot("coordinator-tonight", "coordinator", "/map/tonight/", DESK),
    Shot("coordinator-people", "coordinator", "/people/", DESK),
    Shot("coordinator-report", "coordinator", "/map/reports/", DESK),
    Shot("administrator-checklist", "administrator", "/set-up/", DESK),
    Shot("administrator-territories", "administrator", "/map/territories/", DESK),
    Shot("administrator-import", "administrator", "/map/imports/", DESK),
    Shot("administrator-what-runs", "administrator", "/set-up/what-runs/", DESK),
)
