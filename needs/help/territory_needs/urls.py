"""The URL of a territory's needs."""

from django.urls import path

from needs.help.territory_needs import views

territory_need_urls = [path("t/<slug:slug>/needs/", views.territory_needs, name="territory_needs")]
