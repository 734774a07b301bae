"""URLs of proposals, whom to ask, and capacities."""

from django.urls import path

from needs.help.matching import capacity_views, views

matching_urls = [
    path("proposals/", views.proposals, name="proposals"),
    path("proposals/<uuid:proposal>/", views.answer, name="answer_proposal"),
    path("triage/<uuid:need>/ask/", views.whom_to_ask, name="whom_to_ask"),
    path("triage/ask/", views.batch_page, name="matching_batch"),
    path("capacities/", capacity_views.capacities_page, name="capacities"),
    path("capacities/<slug:association>/", capacity_views.capacities_page, name="capacities_of"),
]
