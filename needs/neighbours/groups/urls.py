"""URLs of joining and of groups. The URLs contain no name of a person."""

from django.urls import path

from needs.neighbours.groups import group_views, views
from volunteers.people.api.page_throttling import limit_reads

group_urls = [
    path("join/", views.join, name="join"),
    path("join/requests/", views.requests_to_answer, name="join_requests"),
    path("join/requests/<uuid:join_request>/answer/", views.answer_request, name="answer_join_request"),
    path("join/requests/<uuid:join_request>/take-back/", views.take_back, name="take_back_join_request"),
    path("join/associations/<slug:association>/", views.ask_association, name="ask_association"),
    path("groups/new/", group_views.found_group, name="found_group"),
    path("groups/<uuid:group>/", group_views.group_page, name="group"),
    path("groups/<uuid:group>/join/", group_views.join_group, name="join_group"),
    path("groups/<uuid:group>/leave/", group_views.leave_group, name="leave_group"),
    path("groups/<uuid:group>/change/", group_views.change_group, name="change_group"),
    path("groups/<uuid:group>/close/", group_views.close_group, name="close_group"),
    path("groups/<uuid:group>/look-after/", group_views.look_after, name="look_after_group"),
    path("groups/<uuid:group>/members/<int:group_member>/role/", group_views.change_role, name="group_role"),
    path("groups/<uuid:group>/members/<int:group_member>/remove/", group_views.remove_member, name="remove_from_group"),
]
limit_reads(group_urls)
