"""URLs of the follow page. The token in the URL is the only key to the page: it is computed from the need and not
stored."""

from needs.help.reporter_pages import views
from solidarity.lib.http.open_addresses import open_path

following_urls = [
    open_path("follow/<str:token>/", views.follow, name="follow"),
    open_path("follow/<str:token>/state/", views.state, name="follow_state"),
    open_path("follow/<str:token>/place/", views.correct_place, name="follow_place"),
    open_path("follow/<str:token>/link/", views.send_link, name="follow_link"),
    open_path("follow/<str:token>/push/", views.push_on, name="follow_push"),
    open_path("follow/<str:token>/stop/", views.stop, name="follow_stop"),
]
