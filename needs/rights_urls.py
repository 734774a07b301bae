"""Addresses of a person's rights over their data."""

from django.urls import path

from needs.views import rights

rights_urls = [
    path("my-data/", rights.my_data, name="my_data"),
    path("my-data/download/", rights.download, name="download_my_data"),
    path("my-data/delete/", rights.erase_account, name="erase_account"),
    path("erased/", rights.erased, name="erased"),
    path("follow/<str:token>/data/", rights.follow_data, name="follow_data"),
    path("follow/<str:token>/erase/", rights.follow_erase, name="follow_erase"),
    path("triage/<uuid:need>/erase/", rights.erase_need, name="erase_need"),
    path("encounters/<uuid:report>/erase/", rights.erase_encounter, name="erase_encounter"),
]
