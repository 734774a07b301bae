"""The open needs of a zone. The address names the zone, never its cells or a place."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mapping.map.releases import reading
from mapping.map.wording import zone_names
from mapping.plans.tour_plans import zone_actions
from needs.help.open_needs import views as open_need_views
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
def zone_needs(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """The open needs in a zone that the reader may see, as a map and a list."""
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    zone = reading.zone_or_404(found, key)
    return open_need_views.show_list(
        request,
        zone_actions.cells_of(zone),
        heading=_("Needs in the zone %(name)s") % {"name": zone_names.name_of(found.zones, zone.key)},
        back=f"{reverse('mapping:map', args=[slug])}?zone={key}",
        back_label=_("Back to the zone"),
    )
