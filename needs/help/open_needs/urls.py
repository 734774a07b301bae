"""URLs of open needs."""

from django.urls import path

from needs.help.open_needs import views
from volunteers.people.api.page_throttling import limit_reads

open_need_urls = [
    path("open/", views.open_needs, name="open_needs"),
    path("open/<uuid:need>/", views.open_need, name="open_need"),
    path("commitments/<uuid:commitment>/ask/", views.ask, name="commitment_ask"),
]
limit_reads(open_need_urls)
