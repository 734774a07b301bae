"""URLs of commitments and hand-overs."""

from django.urls import path

from needs.help.open_needs import commitment_views as views
from volunteers.people.api.page_throttling import limit_reads

commitment_urls = [
    path("commitments/", views.own_commitments, name="commitments"),
    path("commitments/association/", views.association_commitments, name="association_commitments"),
    path("commitments/<uuid:commitment>/", views.commitment, name="commitment"),
    path("commitments/<uuid:commitment>/place/", views.place, name="commitment_place"),
    path("commitments/<uuid:commitment>/done/", views.done, name="commitment_done"),
    path("commitments/<uuid:commitment>/extend/", views.extend, name="commitment_extend"),
    path("commitments/<uuid:commitment>/give-back/", views.give_back, name="commitment_give_back"),
    path("commitments/<uuid:commitment>/offer/", views.offer, name="commitment_offer"),
    path("commitments/<uuid:commitment>/link/", views.change_link, name="commitment_link"),
    path("hand-overs/link/<str:token>/", views.hand_over_link, name="hand_over_link"),
    path("hand-overs/<uuid:hand>/", views.answer_hand_over, name="hand_over"),
]
limit_reads(commitment_urls)
