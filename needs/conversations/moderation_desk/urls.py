"""URLs of moderation. The URLs contain no name and no word of a text."""

from django.urls import path

from needs.conversations.moderation_desk import content_report_views as views
from needs.conversations.moderation_desk import views as queue
from needs.conversations.moderation_desk import word_views as words
from solidarity.lib.http.open_addresses import open_path

moderation_urls = [
    open_path("report/<slug:kind>/<slug:key>/", views.report, name="report_content"),
    open_path("report/<slug:kind>/<slug:key>/thanks/", views.reported, name="content_reported"),
    path("report/<slug:kind>/<slug:key>/block/", views.block, name="block_author"),
    path("moderation/", queue.queue, name="moderation"),
    open_path("moderation/figures/", views.figures, name="moderation_figures"),
    path("moderation/mine/", views.own_cases, name="own_cases"),
    path("moderation/mine/<uuid:case>/appeal/", views.appeal, name="appeal_case"),
    path("moderation/blocked/", views.blocked, name="blocked_people"),
    path("moderation/blocked/<int:block>/end/", views.unblock, name="unblock_person"),
    path("moderation/words/", words.words, name="held_words"),
    path("moderation/words/try/", words.try_text, name="try_held_words"),
    path("moderation/words/<int:held>/remove/", words.remove, name="remove_held_word"),
    path("moderation/<uuid:case>/", queue.case, name="moderation_case"),
    path("moderation/<uuid:case>/appeal/", queue.answer_appeal, name="answer_appeal"),
]
