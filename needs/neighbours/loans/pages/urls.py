"""URLs of loans. The URLs contain no name, no place and no day."""

from django.urls import path

from needs.neighbours.loans.pages import protection_views, views
from volunteers.people.api.page_throttling import limit_reads

loan_urls = [
    path("loans/", views.loans, name="loans"),
    path("loans/ask/<uuid:thing>/", views.ask, name="loan_ask"),
    path("loans/<uuid:loan>/", views.loan, name="loan"),
    path("loans/<uuid:loan>/step/<slug:state>/", views.step, name="loan_step"),
    path("loans/<uuid:loan>/photos/<int:seen>/", views.photo, name="loan_photo"),
    path("loans/<uuid:loan>/met/", views.meet, name="loan_met"),
    path("loans/<uuid:loan>/block/", protection_views.block, name="loan_block"),
]
limit_reads(loan_urls)
