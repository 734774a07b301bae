"""Addresses under /map/: the map, and the pages of coordinators in all wings."""

from mapping.map.urls import map_urls
from mapping.out.urls import out_urls
from mapping.plans.urls import plans_urls
from needs.base.urls import base_map_urls
from needs.crises.urls import crises_map_urls
from needs.doors.urls import doors_map_urls
from needs.help.urls import help_map_urls
from volunteers.site.urls import site_map_urls

app_name = "mapping"
urlpatterns = [
    *map_urls,
    *out_urls,
    *doors_map_urls,
    *crises_map_urls,
    *help_map_urls,
    *plans_urls,
    *base_map_urls,
    *site_map_urls,
]
