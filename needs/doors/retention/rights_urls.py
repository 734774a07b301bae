"""URLs for access to personal data and for its erasure."""

from django.urls import path

from needs.doors.retention import rights_views
from solidarity.lib.http.open_addresses import open_path

rights_urls = [
    path("my-data/", rights_views.my_data, name="my_data"),
    path("my-data/download/", rights_views.download, name="download_my_data"),
    path("my-data/delete/", rights_views.erase_account, name="erase_account"),
    open_path("erased/", rights_views.erased, name="erased"),
    open_path("follow/<str:token>/data/", rights_views.follow_data, name="follow_data"),
    open_path("follow/<str:token>/erase/", rights_views.follow_erase, name="follow_erase"),
    path("triage/<uuid:need>/erase/", rights_views.erase_need, name="erase_need"),
    path("encounters/<uuid:report>/erase/", rights_views.erase_encounter, name="erase_encounter"),
]
