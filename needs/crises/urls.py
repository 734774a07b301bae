"""URLs of events: the public report page, the dispatchers' map, photos, saved searches."""

from django.urls import path

from needs.crises import report_views, views
from solidarity.lib.http.open_addresses import open_path

crisis_urls = [
    open_path("crisis/<slug:slug>/", report_views.report, name="crisis_report"),
    path("crises/", views.crises, name="crises"),
    path("crises/<slug:slug>/", views.crisis_map, name="crisis_map"),
    path("crises/<slug:slug>/reports/", views.reports, name="crisis_reports"),
    path("crises/<slug:slug>/list/", views.lines, name="crisis_lines"),
    path("crises/<slug:slug>/searches/", views.keep_search, name="crisis_keep_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/drop/", views.drop_search, name="crisis_drop_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/alert/", views.switch_alert, name="crisis_switch_alert"),
    path("photos/<uuid:photo>/", views.photo, name="photo"),
]
