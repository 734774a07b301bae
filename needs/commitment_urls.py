"""Addresses of open needs and commitments."""

from django.urls import path

from needs.views import commitments, follow_up

commitment_urls = [
    path("open/", commitments.open_needs, name="open_needs"),
    path("open/<uuid:need>/", commitments.open_need, name="open_need"),
    path("commitments/", commitments.own_commitments, name="commitments"),
    path("commitments/association/", commitments.association_commitments, name="association_commitments"),
    path("commitments/desk/", commitments.desk, name="commitment_desk"),
    path("commitments/desk/<int:message>/", commitments.passed_on, name="commitment_passed_on"),
    path("commitments/<uuid:commitment>/", commitments.commitment, name="commitment"),
    path("commitments/<uuid:commitment>/place/", commitments.place, name="commitment_place"),
    path("commitments/<uuid:commitment>/done/", commitments.done, name="commitment_done"),
    path("commitments/<uuid:commitment>/extend/", commitments.extend, name="commitment_extend"),
    path("commitments/<uuid:commitment>/give-back/", commitments.give_back, name="commitment_give_back"),
    path("commitments/<uuid:commitment>/ask/", commitments.ask, name="commitment_ask"),
    path("commitments/<uuid:commitment>/offer/", commitments.offer, name="commitment_offer"),
    path("commitments/<uuid:commitment>/message/", commitments.message, name="commitment_message"),
    path("commitments/<uuid:commitment>/feedback/", commitments.feedback, name="commitment_feedback"),
    path("hand-overs/<uuid:hand>/", commitments.answer_hand_over, name="hand_over"),
    path("follow/<str:token>/message/", follow_up.message, name="follow_message"),
    path("follow/<str:token>/feedback/<uuid:commitment>/", follow_up.feedback, name="follow_feedback"),
]
