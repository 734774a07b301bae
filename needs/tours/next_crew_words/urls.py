"""URLs of words to the next crew."""

from django.urls import path

from needs.tours.next_crew_words import views

next_crew_word_urls = [
    path("words/new/", views.write, name="write_word"),
    path("words/in/<slug:slug>/", views.words, name="words"),
    path("words/<uuid:word>/read/", views.read, name="word_read"),
    path("words/<uuid:word>/take-back/", views.take_back, name="word_take_back"),
]
