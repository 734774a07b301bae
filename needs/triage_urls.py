"""Addresses of the dispatchers' pages."""

from django.urls import path

from needs.views import triage, triage_duplicates, triage_need

triage_urls = [
    path("triage/", triage.needs_to_sort, name="triage"),
    path("triage/bulk/", triage.bulk, name="triage_bulk"),
    path("triage/ageing/", triage.ageing_list, name="triage_ageing"),
    path("triage/searches/", triage.keep_search, name="triage_keep_search"),
    path("triage/searches/<uuid:search>/drop/", triage.drop_search, name="triage_drop_search"),
    path("triage/merges/<uuid:merge>/undo/", triage_duplicates.undo, name="triage_undo_merge"),
    path("triage/<uuid:need>/", triage_need.need_page, name="triage_need"),
    path("triage/<uuid:need>/step/", triage_need.step, name="triage_step"),
    path("triage/<uuid:need>/contact/", triage_need.contact, name="contact"),
    path("triage/<uuid:need>/call/", triage_need.call, name="triage_call"),
    path("triage/<uuid:need>/lock/", triage_need.lock, name="triage_lock"),
    path("triage/<uuid:need>/lock/take-over/", triage_need.take_over, name="triage_take_over"),
    path("triage/<uuid:need>/lock/leave/", triage_need.leave, name="triage_leave"),
    path("triage/<uuid:need>/duplicates/<uuid:other>/", triage_duplicates.compare, name="triage_compare"),
    path("triage/<uuid:need>/duplicates/<uuid:other>/merge/", triage_duplicates.merge, name="triage_merge"),
    path("triage/<uuid:need>/duplicates/<uuid:other>/apart/", triage_duplicates.apart, name="triage_apart"),
]
