"""URLs of the follow page. The token is the only key: it is derived from the need and stored nowhere."""

from django.urls import path

from needs.following import views

following_urls = [
    path("follow/<str:token>/", views.follow, name="follow"),
    path("follow/<str:token>/state/", views.state, name="follow_state"),
    path("follow/<str:token>/link/", views.send_link, name="follow_link"),
    path("follow/<str:token>/push/", views.push_on, name="follow_push"),
    path("follow/<str:token>/stop/", views.stop, name="follow_stop"),
]
