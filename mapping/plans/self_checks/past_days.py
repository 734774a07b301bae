"""Fill the checks of past days from the evidence known now. Only the demonstration needs this module. Real predictions
are stored before the tours and contain no later report."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from mapping.models import CheckedAssociation, CheckedDay, Prediction
from mapping.plans.self_checks import comparing, cut_proposals, predicting
from mapping.plans.self_checks.past_checks import SHOWN_DAYS
from volunteers.models import Territory

HOUR = time(15, 5)


def fill(territory: Territory, days: int, until: datetime) -> int:
    """Replace the checks of a territory and of all below it; return the number of days predicted. days: number of past
    days with evidence; the first week only fills the map."""
    below = Territory.objects.under(territory).values("pk")
    for model in (Prediction, CheckedDay, CheckedAssociation):
        model.objects.filter(territory__in=below).delete()
    last = timezone.localtime(until).date()
    made = 0
    for back in range(min(days - 7, SHOWN_DAYS + comparing.WAIT_DAYS), -1, -1):
        moment = timezone.make_aware(datetime.combine(last - timedelta(days=back), HOUR))
        if moment <= until:
            made += predicting.predict(moment) > 0
    comparing.compare_due(until)
    cut_proposals.propose_cuts(until)
    return made
