"""URLs of the follow page. The token in the URL is the only key to the page: it is computed from the need and not
stored."""

from django.urls import path

from needs.help.following import views

following_urls = [
    path("follow/<str:token>/", views.follow, name="follow"),
    path("follow/<str:token>/state/", views.state, name="follow_state"),
    path("follow/<str:token>/place/", views.correct_place, name="follow_place"),
    path("follow/<str:token>/link/", views.send_link, name="follow_link"),
    path("follow/<str:token>/push/", views.push_on, name="follow_push"),
    path("follow/<str:token>/stop/", views.stop, name="follow_stop"),
]
