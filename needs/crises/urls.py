"""Addresses of the wing crises, those under /map/ in a list of their own."""

from django.urls import path

from needs.base.site_categories.views import categories
from needs.crises import manage_views, report_views
from needs.crises import views as crises_views
from needs.crises.agreements.views import agreement
from needs.crises.charge import views as charge_views
from needs.crises.closing.views import closing
from needs.crises.event_languages.views import event_texts_page
from solidarity.lib.http.open_addresses import open_path

crises_urls = [
    open_path("crisis/<slug:slug>/", report_views.report, name="crisis_report"),
    path("crises/", crises_views.crises, name="crises"),
    path("crises/<slug:slug>/", crises_views.crisis_map, name="crisis_map"),
    path("crises/<slug:slug>/reports/", crises_views.reports, name="crisis_reports"),
    path("crises/<slug:slug>/list/", crises_views.lines, name="crisis_lines"),
    path("crises/<slug:slug>/searches/", crises_views.keep_search, name="crisis_keep_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/drop/", crises_views.drop_search, name="crisis_drop_search"),
    path("crises/<slug:slug>/searches/<uuid:search>/alert/", crises_views.switch_alert, name="crisis_switch_alert"),
    path("photos/<uuid:photo>/", crises_views.photo, name="photo"),
]

crises_map_urls = [
    path("categories/", categories, name="categories"),
    path("crises/", manage_views.crises, name="crises"),
    path("crises/new/", manage_views.new_crisis, name="crisis_new"),
    path("crises/<slug:slug>/change/", manage_views.change_crisis, name="crisis_change"),
    path("crises/<slug:slug>/texts/<slug:language>/", event_texts_page, name="crisis_texts"),
    path("crises/<slug:slug>/close/", manage_views.close_crisis, name="crisis_close"),
    path("crises/<slug:slug>/closing/", closing, name="crisis_closing"),
    path("crises/<slug:slug>/reopen/", manage_views.reopen_crisis, name="crisis_reopen"),
    path("crises/<slug:slug>/agreement/", agreement, name="crisis_agreement"),
    path("crises/<slug:slug>/hand-over/", charge_views.hand_over, name="crisis_hand_over"),
    path("crises/<slug:slug>/hand-over/answer/", charge_views.answer, name="crisis_hand_over_answer"),
    path("crises/<slug:slug>/take-charge/", charge_views.take, name="crisis_take_charge"),
]
