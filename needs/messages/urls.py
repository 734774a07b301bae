"""Addresses of the wing messages."""

from django.urls import path

from needs.messages.channels import views as channels_views
from needs.messages.message_desk import views as message_desk_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.page_throttling import limit_reads

messages_urls = [
    open_path("channels/sms/<slug:gateway>/", channels_views.take_call, name="sms_webhook"),
    open_path("channels/sms/<slug:gateway>/<slug:event>/", channels_views.take_call, name="sms_webhook_event"),
    open_path(
        "channels/sms/<slug:gateway>/<slug:event>/<str:secret>/", channels_views.take_call, name="sms_webhook_secret"
    ),
    *limit_reads(
        [
            path("desk/messages/", message_desk_views.message_desk, name="message_desk"),
            path("desk/messages/<uuid:dialogue>/", message_desk_views.desk_messages, name="desk_messages"),
            path("desk/messages/<uuid:dialogue>/hold/", message_desk_views.hold, name="desk_hold"),
            path("desk/messages/<uuid:dialogue>/take-over/", message_desk_views.take_over, name="desk_take_over"),
            path("desk/messages/<uuid:dialogue>/leave/", message_desk_views.leave, name="desk_leave"),
            path("desk/messages/<uuid:dialogue>/file/", message_desk_views.file_need, name="desk_file"),
            path("desk/messages/<uuid:dialogue>/attach/", message_desk_views.attach, name="desk_attach"),
            path("desk/messages/<uuid:dialogue>/answer/", message_desk_views.answer, name="desk_answer"),
            path("desk/messages/<uuid:dialogue>/put-aside/", message_desk_views.put_aside, name="desk_put_aside"),
            path("desk/messages/<uuid:dialogue>/hand-over/", message_desk_views.hand_over, name="desk_hand_over"),
            path("desk/messages/<uuid:dialogue>/contact/", message_desk_views.contact, name="desk_contact"),
        ]
    ),
]
