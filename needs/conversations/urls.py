"""Addresses of the wing conversations."""

from django.urls import path

from needs.conversations import views as conversations_views
from needs.conversations.moderation_desk import content_report_views, word_views
from needs.conversations.moderation_desk import views as moderation_desk_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.page_throttling import limit_reads

conversations_urls = [
    open_path("report/<slug:kind>/<slug:key>/", content_report_views.report, name="report_content"),
    open_path("report/<slug:kind>/<slug:key>/thanks/", content_report_views.reported, name="content_reported"),
    path("report/<slug:kind>/<slug:key>/block/", content_report_views.block, name="block_author"),
    path("moderation/", moderation_desk_views.queue, name="moderation"),
    open_path("moderation/figures/", content_report_views.figures, name="moderation_figures"),
    path("moderation/mine/", content_report_views.own_cases, name="own_cases"),
    path("moderation/mine/<uuid:case>/appeal/", content_report_views.appeal, name="appeal_case"),
    path("moderation/blocked/", content_report_views.blocked, name="blocked_people"),
    path("moderation/blocked/<int:block>/end/", content_report_views.unblock, name="unblock_person"),
    path("moderation/words/", word_views.words, name="held_words"),
    path("moderation/words/try/", word_views.try_text, name="try_held_words"),
    path("moderation/words/<int:held>/remove/", word_views.remove, name="remove_held_word"),
    path("moderation/<uuid:case>/", moderation_desk_views.case, name="moderation_case"),
    path("moderation/<uuid:case>/appeal/", moderation_desk_views.answer_appeal, name="answer_appeal"),
    *limit_reads(
        [
            path("conversations/", conversations_views.conversations, name="conversations"),
            path(
                "conversations/<slug:kind>/<uuid:about>/", conversations_views.conversation, name="conversation_about"
            ),
            path("crews/<uuid:crew>/", conversations_views.crew, name="crew"),
            path("crews/<uuid:crew>/read/", conversations_views.crew_read, name="crew_read"),
        ]
    ),
]
