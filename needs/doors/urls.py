"""Addresses of the wing doors, those under /map/ in a list of their own."""

from django.urls import path

from needs.doors.association_figures import views as association_figures_views
from needs.doors.language_reviews import picture_mode_views
from needs.doors.language_reviews import views as language_reviews_views
from needs.doors.phone_queue import views as phone_queue_views
from needs.doors.retention import rights_views
from needs.doors.retention import views as retention_views
from solidarity.lib.http.open_addresses import open_path

doors_urls = [
    open_path("help/pictures/", picture_mode_views.pictures, name="pictures"),
    path("figures/<slug:association>/", association_figures_views.figures, name="association_figures"),
    path(
        "figures/<slug:association>/<slug:kind>/",
        association_figures_views.figures_file,
        name="association_figures_file",
    ),
    open_path("queue/", phone_queue_views.phone_queue, name="phone_queue"),
    open_path("queue/hello/", phone_queue_views.hello, name="queue_hello"),
    open_path("queue/send/", phone_queue_views.send, name="queue_send"),
    open_path("queue/attach/<slug:kind>/", phone_queue_views.attach, name="queue_attach"),
    path("my-data/", rights_views.my_data, name="my_data"),
    path("my-data/download/", rights_views.download, name="download_my_data"),
    path("my-data/delete/", rights_views.erase_account, name="erase_account"),
    open_path("erased/", rights_views.erased, name="erased"),
    open_path("follow/<str:token>/data/", rights_views.follow_data, name="follow_data"),
    open_path("follow/<str:token>/erase/", rights_views.follow_erase, name="follow_erase"),
    path("triage/<uuid:need>/erase/", rights_views.erase_need, name="erase_need"),
    path("encounters/<uuid:report>/erase/", rights_views.erase_encounter, name="erase_encounter"),
]

doors_map_urls = [
    path("retention/", retention_views.retention, name="retention"),
    path("languages/", language_reviews_views.languages, name="languages"),
    path("languages/<slug:language>/", language_reviews_views.one_language, name="language"),
    path("languages/<slug:language>/<int:review>/drop/", language_reviews_views.drop_review, name="language_drop"),
]
