"""Addresses of a phone's queue."""

from django.urls import path

from needs.phone_queue import views

outbox_urls = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/hello/", views.hello, name="outbox_hello"),
    path("outbox/send/", views.send, name="outbox_send"),
    path("outbox/attach/<slug:kind>/", views.attach, name="outbox_attach"),
]
