"""Origin of the evidence in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.map.why.wording.number_words import plural_of
from mapping.map.wording.sentences import full_searches, whole
from solidarity.lib.numbers import plain


def part_label(name: str) -> str:
    return {
        "teams": _("Teams of associations"),
        "citizens": _("Citizens"),
        "neighbours": _("The neighbouring cells"),
        "prior": _("The last official count, before any report"),
    }[name]


def sources(effective: float) -> str:
    """Describe the effective number of sources."""
    number = round(effective, 1)
    if number == 0:
        return _("No report counts any more. The figures come from the last official count and the neighbouring cells.")
    if number == 1:
        return _("Almost all the evidence comes from one source.")
    return ngettext(
        "The evidence is worth as much as reports from %(number)s independent source.",
        "The evidence is worth as much as reports from %(number)s independent sources.",
        plural_of(number),
    ) % {"number": plain(number)}


def tally(searches: int, hours: float, met: float, citizens: int, helped: float, days: int) -> str:
    """Summarise the reports of the last days. hours: number of logged hours. met, helped: number of people met and
    number of people helped."""
    parts = [
        _("no search by a team")
        if searches == 0
        else ngettext("%(number)s search by a team", "%(number)s searches by teams", searches)
        % {"number": whole(searches)}
    ]
    if searches:
        logged = round(hours, 1)
        parts.append(
            _("without logged time")
            if logged == 0
            else ngettext("%(number)s hour logged", "%(number)s hours logged", plural_of(logged))
            % {"number": plain(logged)}
        )
        parts.append(
            _("nobody met")
            if round(met) == 0
            else ngettext("%(number)s person met", "%(number)s people met", round(met)) % {"number": whole(round(met))}
        )
    parts.append(
        _("no report by citizens")
        if citizens == 0
        else ngettext("%(number)s report by a citizen", "%(number)s reports by citizens", citizens)
        % {"number": whole(citizens)}
    )
    parts.append(
        _("no help logged")
        if round(helped) == 0
        else ngettext("help to %(number)s person", "help to %(number)s people", round(helped))
        % {"number": whole(round(helped))}
    )
    text = ", ".join(parts)
    return _("In the last %(days)s days: %(tally)s.") % {"days": whole(days), "tally": text}


def silence(per_person: float, reports: int, days: int, sweeps: float, cells: int) -> str:
    """Describe what the silence of citizens means. per_person: the usual number of reports per person and day in this
    place. reports: number of reports in the last ``days``. sweeps: the search effort that the silence is worth in each
    cell, at least 0.05."""
    usual = _("Citizens usually report somebody here %(often)s for ten people.") % {"often": _often(10 * per_person)}
    values = {"days": whole(days), "sweeps": full_searches(round(sweeps, 1))}
    if reports == 0:
        line = (
            _("No report came in the last %(days)s days. This silence counts like %(sweeps)s.")
            if cells == 1
            else _("No report came in the last %(days)s days. This silence counts like %(sweeps)s of each cell.")
        )
    else:
        values["number"] = whole(reports)
        line = (
            ngettext(
                "%(number)s report came in the last %(days)s days. The absence of more reports counts like %(sweeps)s.",
                "%(number)s reports came in the last %(days)s days. The absence of more reports counts like "
                "%(sweeps)s.",
                reports,
            )
            if cells == 1
            else ngettext(
                "%(number)s report came in the last %(days)s days. The absence of more reports counts like %(sweeps)s "
                "of each cell.",
                "%(number)s reports came in the last %(days)s days. The absence of more reports counts like "
                "%(sweeps)s of each cell.",
                reports,
            )
        )
    return f"{usual} {line % values}"


def _often(per_day: float) -> str:
    """Describe how often something happens. per_day: mean number per day."""
    if per_day >= 1.5:
        return _("about %(number)s times a day") % {"number": whole(round(per_day))}
    if (week := round(7 * per_day)) >= 1:
        return ngettext("about once a week", "about %(number)s times a week", week) % {"number": whole(week)}
    if (month := round(30 * per_day)) >= 1:
        return ngettext("about once a month", "about %(number)s times a month", month) % {"number": whole(month)}
    return _("less than once a month")


def search_words(hours: float | None, full: bool) -> str:
    """Describe the search time. hours: search time in hours; None if not logged, 0 if nobody searched. full: True if
    the evidence counts as one full search."""
    if full:
        return _("a full search")
    if hours is None:
        return pgettext("time of a search", "not logged")
    if hours == 0:
        return pgettext("time of a search", "none")
    minutes = round(hours * 60)
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": whole(minutes)}


def passes_words(hours: Sequence[float], full: bool) -> str:
    """Describe the search time of the passes of one visit, as :func:`search_words`. hours: search time of each pass in
    hours; NaN if not logged."""
    logged = [each for each in hours if each == each]
    text = search_words(sum(logged) if logged else None, full)
    if len(logged) < 2:
        return text
    return ngettext("%(time)s in %(number)s pass", "%(time)s in %(number)s passes", len(logged)) % {
        "time": text,
        "number": whole(len(logged)),
    }


def citizens_day(reports: int) -> str:
    """Describe the number of citizens' reports in one cell on one day."""
    return ngettext("%(number)s citizen's report", "%(number)s citizens' reports", reports) % {"number": whole(reports)}


def somebody() -> str:
    return pgettext("what a citizen saw", "somebody")


def rows_left(number: int) -> str:
    """Describe how many rows of evidence a table leaves out; empty if it leaves out none."""
    if number == 0:
        return ""
    return ngettext(
        "%(number)s older row is not shown, but it counts.",
        "%(number)s older rows are not shown, but they count.",
        number,
    ) % {"number": whole(number)}


def citizens_band(share: int) -> str:
    """Describe how much of the evidence comes from citizens. share: the share in per cent."""
    if share == 0:
        return _("nothing")
    if share < 25:
        return _("a small part")
    return _("a large part") if share < 75 else _("almost everything")
