"""URLs of conversations and feedback. The URLs contain no name and no place."""

from django.urls import path

from needs.conversations import desk_views, reporter_views, views

conversation_urls = [
    path("conversations/", views.conversations, name="conversations"),
    path("conversations/<slug:kind>/<uuid:about>/", views.conversation, name="conversation_about"),
    path("crews/<uuid:crew>/", views.crew, name="crew"),
    path("crews/<uuid:crew>/read/", views.crew_read, name="crew_read"),
    path("commitments/desk/", desk_views.desk, name="commitment_desk"),
    path("commitments/desk/<uuid:message>/", desk_views.passed_on, name="commitment_passed_on"),
    path("commitments/<uuid:commitment>/feedback/", desk_views.feedback, name="commitment_feedback"),
    path("follow/<str:token>/message/", reporter_views.message, name="follow_message"),
    path("follow/<str:token>/feedback/<uuid:commitment>/", reporter_views.feedback, name="follow_feedback"),
]
