"""Addresses of the wing reports."""

from django.urls import path

from needs.reports import encounter_views, need_report_views, own_reports_views
from needs.reports.danger import views as danger_views
from solidarity.lib.http.open_addresses import open_path

reports_urls = [
    open_path("help/", need_report_views.report_need, name="report_need"),
    open_path("help/<slug:gate>/", need_report_views.emergency, name="emergency"),
    open_path("help/<slug:gate>/form/", need_report_views.need_form, name="need_form"),
    path("encounters/", own_reports_views.mine, name="mine"),
    path("encounters/new/", encounter_views.log_encounter, name="log_encounter"),
    path("encounters/nobody/", encounter_views.saw_nobody, name="saw_nobody"),
    path("encounters/<uuid:report>/", encounter_views.encounter, name="encounter"),
    path("encounters/<uuid:report>/take-back/", encounter_views.take_back, name="take_back"),
    path("encounters/<uuid:report>/voice/<uuid:sound>/", encounter_views.voice_note, name="voice_note"),
    path("desk/alarms/", danger_views.alarm_list, name="alarms"),
    path("desk/alarms/state/", danger_views.alarm_state, name="alarm_state"),
    path("desk/alarms/step/", danger_views.alarm_step, name="alarm_step"),
    path("desk/alarms/<uuid:alarm>/", danger_views.alarm_page, name="alarm"),
]
