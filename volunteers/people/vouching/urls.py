"""URLs of vouches. They begin with /me/."""

from django.urls import path

from volunteers.people.vouching import vouch_views

vouch_urls = [
    path("vouches/", vouch_views.ask, name="ask_vouch"),
    path("vouches/<uuid:vouch>/withdraw/", vouch_views.withdraw, name="withdraw_vouch"),
    path("associations/<slug:association>/vouches/<uuid:vouch>/answer/", vouch_views.answer, name="answer_vouch"),
    path("associations/<slug:association>/vouches/<uuid:vouch>/end/", vouch_views.end, name="end_vouch"),
]
