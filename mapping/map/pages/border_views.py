"""The borders of all territories, for the maps in forms. They are public."""

import json

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mapping.map.pages import borders
from volunteers.models import Territory
from volunteers.places.basemap import installed


@require_safe
@cache_control(public=True, max_age=3600)
def boundaries(request: HttpRequest) -> HttpResponse:
    """Return GeoJSON with the border and a label point of each territory, and the address of the base map."""
    roots = Territory.objects.filter(parent=None).order_by("path")
    features = [each for root in roots for each in json.loads(borders.borders_of(root).data)["features"]]
    collection = {
        "type": "FeatureCollection",
        "features": features,
        **installed.map_settings(),
        "searchBox": reverse("places:box"),
    }
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/geo+json")
