"""Addresses of the page of API tokens; below /me/."""

from django.urls import path

from volunteers.api import pages

token_urls = [
    path("tokens/", pages.token_list, name="tokens"),
    path("tokens/<uuid:token>/revoke/", pages.revoke, name="revoke_token"),
]
