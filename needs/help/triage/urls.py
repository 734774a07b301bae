"""URLs of the dispatchers' pages."""

from django.urls import path

from needs.base.dispatch_scope import views as desk
from needs.help.triage import duplicate_views, need_views, views
from volunteers.people.api.page_throttling import limit_reads

triage_urls = [
    path("triage/", views.needs_to_sort, name="triage"),
    path("triage/find/", views.find, name="triage_find"),
    path("triage/changes/", views.changes, name="triage_changes"),
    path("triage/bulk/", views.bulk, name="triage_bulk"),
    path("triage/on-duty/", desk.on_duty, name="on_duty"),
    path("triage/ageing/", views.ageing_list, name="triage_ageing"),
    path("triage/searches/", views.save_search, name="triage_keep_search"),
    path("triage/searches/<uuid:search>/drop/", views.delete_search, name="triage_drop_search"),
    path("triage/merges/<uuid:merge>/undo/", duplicate_views.undo, name="triage_undo_merge"),
    *limit_reads([path("triage/<uuid:need>/", need_views.need_page, name="triage_need")]),
    path("triage/<uuid:need>/step/", need_views.move, name="triage_step"),
    path("triage/<uuid:need>/share/", desk.share, name="share_need"),
    path("triage/<uuid:need>/share/<uuid:sharing>/end/", desk.end_sharing, name="end_sharing"),
    path("triage/<uuid:need>/contact/", need_views.contact, name="contact"),
    path("triage/<uuid:need>/call/", need_views.call, name="triage_call"),
    path("triage/<uuid:need>/lock/", need_views.lock, name="triage_lock"),
    path("triage/<uuid:need>/lock/take-over/", need_views.take_over, name="triage_take_over"),
    path("triage/<uuid:need>/lock/leave/", need_views.leave, name="triage_leave"),
    *limit_reads([path("triage/<uuid:need>/duplicates/<uuid:other>/", duplicate_views.compare, name="triage_compare")]),
    path("triage/<uuid:need>/duplicates/<uuid:other>/merge/", duplicate_views.merge, name="triage_merge"),
    path("triage/<uuid:need>/duplicates/<uuid:other>/apart/", duplicate_views.apart, name="triage_apart"),
]
