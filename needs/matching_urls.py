"""Addresses of proposals, of whom to ask and of capacities."""

from django.urls import path

from needs.views import capacities, matching

matching_urls = [
    path("proposals/", matching.proposals, name="proposals"),
    path("proposals/<uuid:proposal>/", matching.answer, name="answer_proposal"),
    path("triage/<uuid:need>/ask/", matching.whom_to_ask, name="whom_to_ask"),
    path("triage/ask/", matching.batch_page, name="matching_batch"),
    path("capacities/", capacities.capacities_page, name="capacities"),
    path("capacities/<slug:association>/", capacities.capacities_page, name="capacities_of"),
]
