"""URLs of a reporter's messages, of feedback, and of the dispatchers' inbox. They contain no name and no place."""

from django.urls import path

from needs.help.reporter_pages import desk_views, reporter_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.page_throttling import limit_reads

reporter_message_urls = [
    path("commitments/desk/", desk_views.desk, name="commitment_desk"),
    path("commitments/desk/<uuid:message>/", desk_views.passed_on, name="commitment_passed_on"),
    path("commitments/<uuid:commitment>/feedback/", desk_views.feedback, name="commitment_feedback"),
    open_path("follow/<str:token>/message/", reporter_views.message, name="follow_message"),
    open_path("follow/<str:token>/feedback/<uuid:commitment>/", reporter_views.feedback, name="follow_feedback"),
]
limit_reads(reporter_message_urls)
