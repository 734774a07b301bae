"""URLs of unclear messages. The URLs contain no number, no place and no name."""

from django.urls import path

from needs.messages.message_desk import views
from volunteers.people.api.page_throttling import limit_reads

message_desk_urls = [
    path("desk/messages/", views.message_desk, name="message_desk"),
    path("desk/messages/<uuid:dialogue>/", views.desk_messages, name="desk_messages"),
    path("desk/messages/<uuid:dialogue>/hold/", views.hold, name="desk_hold"),
    path("desk/messages/<uuid:dialogue>/take-over/", views.take_over, name="desk_take_over"),
    path("desk/messages/<uuid:dialogue>/leave/", views.leave, name="desk_leave"),
    path("desk/messages/<uuid:dialogue>/file/", views.file_need, name="desk_file"),
    path("desk/messages/<uuid:dialogue>/attach/", views.attach, name="desk_attach"),
    path("desk/messages/<uuid:dialogue>/answer/", views.answer, name="desk_answer"),
    path("desk/messages/<uuid:dialogue>/put-aside/", views.put_aside, name="desk_put_aside"),
    path("desk/messages/<uuid:dialogue>/hand-over/", views.hand_over, name="desk_hand_over"),
    path("desk/messages/<uuid:dialogue>/contact/", views.contact, name="desk_contact"),
]
limit_reads(message_desk_urls)
