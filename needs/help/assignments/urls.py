"""URLs of relief groups and assignments. ``group_urls`` belong to the coordinators' pages of events."""

from django.urls import path

from needs.help.assignments import views
from volunteers.people.api.page_throttling import limit_reads

relief_urls = [
    path("relief/", views.relief, name="relief"),
    path("relief/assign/", views.assign, name="assign"),
    path("relief/<uuid:assignment>/", views.assigned, name="assigned"),
    path("relief/<uuid:assignment>/answer/", views.answer, name="relief_answer"),
    path("relief/<uuid:assignment>/report/", views.report_back, name="relief_report"),
    path("relief/<uuid:assignment>/withdraw/", views.withdraw, name="relief_withdraw"),
]
limit_reads(relief_urls)
group_urls = [
    path("crises/<slug:slug>/groups/", views.groups, name="relief_groups"),
    path("crises/<slug:slug>/groups/<uuid:group>/", views.change_group, name="relief_group"),
]
