"""Addresses under /map/: the map itself and the zone reports."""

from mapping.map.overrides.urls import override_urls
from mapping.map.pages.urls import map_urls
from mapping.map.why.urls import why_urls
from mapping.out.file_imports.urls import import_urls
from mapping.out.home.urls import home_urls
from mapping.out.offboarding.urls import departure_urls
from mapping.out.report_pages.urls import report_urls
from mapping.out.scheduled_reports.urls import schedule_urls
from mapping.out.winters.urls import winter_urls
from mapping.plans.distance_to_places.urls import distance_urls
from mapping.plans.parameters.urls import parameter_urls
from mapping.plans.recurring_needs.urls import recurring_urls
from mapping.plans.self_checks.urls import check_urls
from mapping.plans.territory_setup.urls import territory_urls
from mapping.plans.tour_plans.urls import tonight_urls
from needs.base.cold_plans.urls import cold_urls
from needs.crises.manage_urls import crisis_urls
from needs.doors.language_reviews.urls import language_urls
from needs.doors.retention.urls import retention_urls
from needs.help.assignments.urls import group_urls
from needs.help.territory_needs.urls import territory_need_urls
from volunteers.site.audit_log.urls import audit_urls

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
