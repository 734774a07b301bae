"""URLs of corrections."""

from django.urls import path

from needs.help.triage import correction_views as views

correction_urls = [
    path("encounters/<uuid:report>/correct/", views.correct_encounter, name="correct_encounter"),
    path("triage/<uuid:need>/place/", views.look_up, name="look_up_place"),
    path("triage/<uuid:need>/correct/", views.correct_need, name="correct_need"),
]
