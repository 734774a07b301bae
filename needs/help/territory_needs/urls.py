"""The URL of a territory's needs."""

from django.urls import path

from needs.help.territory_needs import views
from volunteers.people.api.page_throttling import limit_reads

territory_need_urls = limit_reads([path("t/<slug:slug>/needs/", views.territory_needs, name="territory_needs")])
