"""URLs of the page of API tokens. They begin with /me/."""

from django.urls import path

from volunteers.people.tokens import token_views

token_urls = [
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/<uuid:token>/revoke/", token_views.revoke, name="revoke_token"),
]
