"""URLs of the phone queue."""

from needs.doors.phone_queue import views
from solidarity.lib.http.open_addresses import open_path

phone_queue_urls = [
    open_path("queue/", views.phone_queue, name="phone_queue"),
    open_path("queue/hello/", views.hello, name="queue_hello"),
    open_path("queue/send/", views.send, name="queue_send"),
    open_path("queue/attach/<slug:kind>/", views.attach, name="queue_attach"),
]
