"""The agreement of two associations to external reports of their city without counts.

Where only two associations report, the public map shows nothing, and each could subtract its own part from a published
figure. After both agreed, such a city gets a report without counts (status_report). Each answers for itself, with the
account of one of its dispatchers; nobody can answer for both.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.models import ReportAgreement
from mapping.out.report_figures import report_cells
from mapping.out.report_figures.report_cells import TABLE
from volunteers.enums import Topic
from volunteers.models import Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories.duties import coordinators_of, root_of

type Pair = tuple[Association, Association]


class BothNeeded(PermissionError):
    """One person tried to agree for both associations."""


def pair_of(territory: Territory, now: datetime | None = None) -> Pair | None:
    """Return the associations whose teams reported in the city in the last REPORT_DAYS if they are exactly two."""
    since = (now or timezone.now()) - timedelta(days=settings.REPORT_DAYS)
    joined = f"JOIN {TABLE} g ON g.cell = {{0}}.cell WHERE r.association_id IS NOT NULL AND r.retracted_at IS NULL AND r.at >= %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{report_cells.with_cells(root_of(territory))} "
            f"SELECT r.association_id FROM needs_encounter r {joined.format('r')} "
            f"UNION SELECT r.association_id FROM needs_need r {joined.format('r')} "
            f"UNION SELECT r.association_id FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id {joined.format('c')}",
            [since] * 3,
        )
        keys = [key for (key,) in cursor.fetchall()]
    if len(keys) != 2:
        return None
    first, second = Association.objects.filter(pk__in=keys).order_by("pk")
    return first, second


def answers(territory: Territory, pair: Pair) -> list[ReportAgreement]:
    """Return the stored answers of a pair, at most one of each."""
    found = ReportAgreement.objects.filter(territory=root_of(territory), association__in=pair, other__in=pair)
    return list(found.select_related("association", "territory").defer("territory__polygon"))


def both_agreed(territory: Territory, pair: Pair) -> bool:
    """Return whether both agreed, each by somebody of its own."""
    given = [row for row in answers(territory, pair) if row.agreed_at is not None]
    people = [row.agreed_by_id for row in given]
    return len(given) == 2 and (None in people or len(set(people)) == 2)


def ask(territory: Territory, pair: Pair) -> None:
    """Ask both associations, and tell their dispatchers. Asking again changes no answer."""
    root = root_of(territory)
    with transaction.atomic():
        for one, other in (pair, pair[::-1]):
            ReportAgreement.objects.get_or_create(territory=root, association=one, other=other)
        _tell(root, pair, gettext_lazy("Do you agree to a report without counts?"), "asked")


def of(viewer: Viewer) -> QuerySet[ReportAgreement]:
    """Return the questions that the reader may answer: those to associations for which they dispatch."""
    if viewer.account is None:
        return ReportAgreement.objects.none()
    own = Membership.objects.dispatching().filter(user=viewer.account).values("association")
    found = ReportAgreement.objects.filter(association__in=own)
    return found.select_related("territory", "association", "other").defer("territory__polygon")


def answer(viewer: Viewer, key: int, *, agrees: bool) -> ReportAgreement | None:
    """Store the answer of the reader's association, and tell both associations and the coordinators.

    Return None if the reader may not answer this question. Raise BothNeeded if the reader answered for the other
    association already.
    """
    with transaction.atomic():
        ahead = of(viewer).filter(pk=key).first()
        if ahead is None or viewer.account is None:
            return None
        pair = {ahead.association_id, ahead.other_id}
        rows = ReportAgreement.objects.select_for_update().filter(
            territory=ahead.territory_id, association__in=pair, other__in=pair
        )
        by_association = {row.association_id: row for row in rows.order_by("pk")}
        row, partner = by_association[ahead.association_id], by_association.get(ahead.other_id)
        if agrees and partner and partner.agreed_at and partner.agreed_by_id == viewer.account.pk:
            raise BothNeeded
        if agrees == (row.agreed_at is not None):
            return ahead
        row.agreed_at, row.agreed_by = (timezone.now(), viewer.account) if agrees else (None, None)
        row.save(update_fields=["agreed_at", "agreed_by"])
        title = (
            gettext_lazy("An association agreed to reports without counts")
            if agrees
            else gettext_lazy("An association no longer agrees to reports without counts")
        )
        _tell(
            ahead.territory, (ahead.association, ahead.other), title, f"{agrees}", but=viewer.account, coordinators=True
        )
        recording.record(
            viewer.account, Verb.REPORT_AGREED, "report_agreement", row.pk, scope=ahead.territory.slug,
            details={"agreed": agrees},
        )  # fmt: skip
    return ahead


def _tell(
    root: Territory, pair: Pair, title: str | Promise, what: str, *, but: User | None = None, coordinators: bool = False
) -> None:
    key = f"report-agreement-{what}:{root.pk}:{timezone.now():%Y%m%d%H%M%S%f}"
    dispatchers = association_dispatchers(*(association.pk for association in pair))
    groups: Sequence[tuple[QuerySet[User], str]] = [(dispatchers, "mapping:report_agreements")]
    if coordinators:
        groups = [*groups, (coordinators_of(root).exclude(pk__in=dispatchers), "mapping:reports")]
    for people, address in groups:
        notify([one for one in people if one != but], Topic.DESK, key, partial(_message, root.name, title, address))


def _message(name: str, title: str | Promise, address: str) -> Message:
    text = _("Only two associations report in %(name)s. A report without counts is possible after both agreed. Each may "
             "withdraw at any time.")  # fmt: skip
    return Message(str(title), text % {"name": name}, reverse(address))
