"""Addresses of the wing out."""

from django.urls import path

from mapping.out.file_imports import views as file_imports_views
from mapping.out.home import territory_views
from mapping.out.offboarding import views as offboarding_views
from mapping.out.report_pages import agreement_views, quote_views
from mapping.out.report_pages import views as report_pages_views
from mapping.out.scheduled_reports import views as scheduled_reports_views
from mapping.out.winters import views as winters_views
from solidarity.lib.http.open_addresses import open_path

out_urls = [
    path("dashboard/", territory_views.start, name="dashboard"),
    path("t/<slug:slug>/dashboard/", territory_views.dashboard, name="dashboard"),
    path("reports/", report_pages_views.reports, name="reports"),
    path("reports/agreements/", agreement_views.agreements, name="report_agreements"),
    path("t/<slug:slug>/reports/ask/", agreement_views.ask, name="ask_report_agreements"),
    path("reports/agreements/<int:agreement>/", agreement_views.answer, name="answer_report_agreement"),
    path("reports/<uuid:key>/", report_pages_views.report, name="report"),
    path("reports/<uuid:key>/files/", report_pages_views.report_file, name="report_file"),
    path("reports/<uuid:key>/words/", quote_views.choose_words, name="choose_words"),
    path("words/", quote_views.asked_words, name="asked_words"),
    path("words/<uuid:quote>/", quote_views.answer_words, name="answer_words"),
    path("exports/", report_pages_views.export_rows, name="export_rows"),
    path("exports/<uuid:key>/", report_pages_views.export, name="export"),
    path("exports/<uuid:key>/again/", report_pages_views.export_retry, name="export_retry"),
    path("exports/<uuid:key>/file/", report_pages_views.export_file, name="export_file"),
    path("schedules/", scheduled_reports_views.schedules, name="report_schedules"),
    path("schedules/new/", scheduled_reports_views.new_schedule, name="new_report_schedule"),
    open_path("schedules/stop/<str:token>/", scheduled_reports_views.stop_report, name="stop_report"),
    path("schedules/<uuid:key>/", scheduled_reports_views.schedule, name="report_schedule"),
    path("schedules/<uuid:key>/change/", scheduled_reports_views.change_schedule, name="change_report_schedule"),
    path("schedules/<uuid:key>/step/", scheduled_reports_views.schedule_step, name="report_schedule_step"),
    path("imports/", file_imports_views.imports, name="file_imports"),
    path("imports/<uuid:key>/", file_imports_views.file_import, name="file_import"),
    path("imports/<uuid:key>/mapping/", file_imports_views.import_mapping, name="import_mapping"),
    path("imports/<uuid:key>/saved/", file_imports_views.import_saved, name="import_saved"),
    path("imports/<uuid:key>/run/", file_imports_views.import_run, name="import_run"),
    path("imports/<uuid:key>/undo/", file_imports_views.import_undo, name="import_undo"),
    path("imports/<uuid:key>/discard/", file_imports_views.import_discard, name="import_discard"),
    path("imports/<uuid:key>/log/", file_imports_views.import_log, name="import_log"),
    path("associations/<slug:slug>/everything/", offboarding_views.everything, name="departure"),
    path("associations/<slug:slug>/everything/file/", offboarding_views.departure_file, name="departure_file"),
    path("associations/<slug:slug>/leave/", offboarding_views.leave, name="departure_confirm"),
    path("t/<slug:slug>/months.csv", winters_views.winters_file, name="winters_file"),
]
