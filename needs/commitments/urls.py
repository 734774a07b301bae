"""Addresses of open needs and views."""

from django.urls import path

from needs.commitments import views
from needs.conversations import views as conversations

commitment_urls = [
    path("open/", views.open_needs, name="open_needs"),
    path("open/<uuid:need>/", views.open_need, name="open_need"),
    path("commitments/", views.own_commitments, name="commitments"),
    path("commitments/association/", views.association_commitments, name="association_commitments"),
    path("commitments/desk/", views.desk, name="commitment_desk"),
    path("commitments/desk/<int:message>/", views.passed_on, name="commitment_passed_on"),
    path("commitments/<uuid:commitment>/", views.commitment, name="commitment"),
    path("commitments/<uuid:commitment>/place/", views.place, name="commitment_place"),
    path("commitments/<uuid:commitment>/done/", views.done, name="commitment_done"),
    path("commitments/<uuid:commitment>/extend/", views.extend, name="commitment_extend"),
    path("commitments/<uuid:commitment>/give-back/", views.give_back, name="commitment_give_back"),
    path("commitments/<uuid:commitment>/ask/", views.ask, name="commitment_ask"),
    path("commitments/<uuid:commitment>/offer/", views.offer, name="commitment_offer"),
    path("commitments/<uuid:commitment>/message/", views.message, name="commitment_message"),
    path("commitments/<uuid:commitment>/feedback/", views.feedback, name="commitment_feedback"),
    path("hand-overs/<uuid:hand>/", views.answer_hand_over, name="hand_over"),
    path("follow/<str:token>/message/", conversations.message, name="follow_message"),
    path("follow/<str:token>/feedback/<uuid:commitment>/", conversations.feedback, name="follow_feedback"),
]
