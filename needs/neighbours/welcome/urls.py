"""URLs of the first hour."""

from django.urls import path

from needs.neighbours.welcome import views

welcome_urls = [
    path("welcome/", views.welcome, name="welcome"),
    path("welcome/together/", views.welcome_together, name="welcome_together"),
    path("welcome/<slug:step>/", views.welcome_step, name="welcome_step"),
]
