"""Addresses under /map/: the map's own and those of the zone reports."""

from mapping.audit_urls import audit_urls
from mapping.cold_urls import cold_urls
from mapping.contest_urls import contest_urls
from mapping.crisis_urls import crisis_urls
from mapping.map_urls import map_urls
from mapping.parameter_urls import parameter_urls
from mapping.parting_urls import parting_urls
from mapping.recurring_urls import recurring_urls
from mapping.report_urls import report_urls
from mapping.retention_urls import retention_urls
from mapping.tongue_urls import tongue_urls
from mapping.tonight_urls import tonight_urls
from mapping.why_urls import why_urls

app_name = "mapping"
urlpatterns = [
    *map_urls,
    *report_urls,
    *retention_urls,
    *parting_urls,
    *why_urls,
    *contest_urls,
    *crisis_urls,
    *tonight_urls,
    *recurring_urls,
    *parameter_urls,
    *cold_urls,
    *tongue_urls,
    *audit_urls,
]
