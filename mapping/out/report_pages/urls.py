"""Addresses of the zone reports and of the files made from them."""

from django.urls import path

from mapping.out.report_pages import agreement_views, quote_views, views

report_urls = [
    path("reports/", views.reports, name="reports"),
    path("reports/agreements/", agreement_views.agreements, name="report_agreements"),
    path("t/<slug:slug>/reports/ask/", agreement_views.ask, name="ask_report_agreements"),
    path("reports/agreements/<int:agreement>/", agreement_views.answer, name="answer_report_agreement"),
    path("reports/<uuid:key>/", views.report, name="report"),
    path("reports/<uuid:key>/files/", views.report_file, name="report_file"),
    path("reports/<uuid:key>/words/", quote_views.choose_words, name="choose_words"),
    path("words/", quote_views.asked_words, name="asked_words"),
    path("words/<uuid:quote>/", quote_views.answer_words, name="answer_words"),
    path("exports/", views.export_rows, name="export_rows"),
    path("exports/<uuid:key>/", views.export, name="export"),
    path("exports/<uuid:key>/again/", views.export_retry, name="export_retry"),
    path("exports/<uuid:key>/file/", views.export_file, name="export_file"),
]
