"""Addresses under /map/: the map itself and the zone reports."""

from mapping.distance_to_places.urls import distance_urls
from mapping.file_imports.urls import import_urls
from mapping.home.urls import home_urls
from mapping.map.urls import map_urls
from mapping.offboarding.urls import departure_urls
from mapping.overrides.urls import override_urls
from mapping.parameters.urls import parameter_urls
from mapping.recurring_needs.urls import recurring_urls
from mapping.scheduled_reports.urls import schedule_urls
from mapping.self_checks.urls import check_urls
from mapping.territory_setup.urls import territory_urls
from mapping.tour_plans.urls import tonight_urls
from mapping.why.urls import why_urls
from mapping.winters.urls import winter_urls
from mapping.zone_reports.urls import report_urls
from needs.base.cold_plans.urls import cold_urls
from needs.crises.manage_urls import crisis_urls
from needs.doors.language_reviews.urls import language_urls
from needs.doors.retention.urls import retention_urls
from needs.help.assignments.urls import group_urls
from needs.help.territory_needs.urls import territory_need_urls
from volunteers.audit.urls import audit_urls

app_name = "mapping"
urlpatterns = [
    *map_urls,
    *home_urls,
    *report_urls,
    *schedule_urls,
    *import_urls,
    *retention_urls,
    *departure_urls,
    *why_urls,
    *override_urls,
    *crisis_urls,
    *group_urls,
    *territory_urls,
    *tonight_urls,
    *recurring_urls,
    *parameter_urls,
    *check_urls,
    *cold_urls,
    *distance_urls,
    *winter_urls,
    *language_urls,
    *audit_urls,
    *territory_need_urls,
]
