"""URLs of messages and feedback."""

from django.urls import path

from needs.conversations import holder_views, views

conversation_urls = [
    path("commitments/desk/", holder_views.desk, name="commitment_desk"),
    path("commitments/desk/<int:message>/", holder_views.passed_on, name="commitment_passed_on"),
    path("commitments/<uuid:commitment>/message/", holder_views.message, name="commitment_message"),
    path("commitments/<uuid:commitment>/feedback/", holder_views.feedback, name="commitment_feedback"),
    path("follow/<str:token>/message/", views.message, name="follow_message"),
    path("follow/<str:token>/feedback/<uuid:commitment>/", views.feedback, name="follow_feedback"),
]
