"""Addresses of events: the public report page, the dispatchers' map, photos."""

from django.urls import path

from needs.views import crisis_map, crisis_report

crisis_urls = [
    path("crisis/<slug:slug>/", crisis_report.report, name="crisis_report"),
    path("crises/", crisis_map.crises, name="crises"),
    path("crises/<slug:slug>/", crisis_map.crisis_map, name="crisis_map"),
    path("crises/<slug:slug>/reports/", crisis_map.reports, name="crisis_reports"),
    path("crises/<slug:slug>/list/", crisis_map.lines, name="crisis_lines"),
    path("crises/<slug:slug>/searches/", crisis_map.keep_search, name="crisis_keep_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/drop/", crisis_map.drop_search, name="crisis_drop_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/alert/", crisis_map.switch_alert, name="crisis_switch_alert"),
    path("photos/<uuid:photo>/", crisis_map.photo, name="photo"),
]
