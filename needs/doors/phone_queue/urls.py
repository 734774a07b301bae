"""URLs of the phone queue."""

from django.urls import path

from needs.doors.phone_queue import views

phone_queue_urls = [
    path("queue/", views.phone_queue, name="phone_queue"),
    path("queue/hello/", views.hello, name="queue_hello"),
    path("queue/send/", views.send, name="queue_send"),
    path("queue/attach/<slug:kind>/", views.attach, name="queue_attach"),
]
