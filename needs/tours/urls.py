"""Addresses of the wing tours."""

from django.urls import path

from needs.tours import plan_views, tour_mode_views
from needs.tours import views as tours_views
from needs.tours.next_crew_words import views as next_crew_words_views
from needs.tours.tour_requests import views as tour_requests_views
from needs.tours.tour_stops import views as tour_stops_views
from volunteers.people.api.page_throttling import limit_reads

tours_urls = [
    path("tours/", tours_views.tours, name="tours"),
    path("tours/start/", tours_views.start_tour, name="start_tour"),
    path("tours/tour-mode/", tour_mode_views.tour_mode, name="tour_mode"),
    path("tours/<uuid:tour>/", tours_views.tour, name="tour"),
    path("tours/<uuid:tour>/stop/", tours_views.stop_tour, name="stop_tour"),
    path("tours/<uuid:tour>/cells/", tours_views.tour_cells, name="tour_cells"),
    path("tours/<uuid:tour>/line/", tours_views.tour_line, name="tour_line"),
    path("tours/<uuid:tour>/counts/", tour_mode_views.tour_counts, name="tour_counts"),
    path("plans/", plan_views.plans, name="plans"),
    path("plans/new/", plan_views.new_plan, name="new_plan"),
    path("plans/cells/", plan_views.cells, name="plan_cells"),
    path("plans/line/", plan_views.line, name="plan_line"),
    path("plans/<uuid:plan>/", plan_views.plan, name="plan"),
    path("plans/<uuid:plan>/change/", plan_views.change_plan, name="change_plan"),
    path("plans/<uuid:plan>/cancel/", plan_views.cancel_plan, name="cancel_plan"),
    path("plans/<uuid:plan>/start/", plan_views.start_plan, name="start_plan"),
    path("tour-requests/in/<slug:slug>/", tour_requests_views.new_tour_request, name="new_tour_request"),
    path("tour-requests/<uuid:suggested>/", tour_requests_views.tour_request, name="tour_request"),
    path("tour-requests/<uuid:suggested>/answer/", tour_requests_views.answer, name="answer_tour_request"),
    path("tour-requests/<uuid:suggested>/change/", tour_requests_views.change, name="change_tour_request"),
    path("tour-requests/<uuid:suggested>/withdraw/", tour_requests_views.withdraw, name="withdraw_tour_request"),
    *limit_reads(
        [
            path("stops/<uuid:crew>/", tour_stops_views.stops, name="stops"),
            path("stops/<uuid:crew>/accept/", tour_stops_views.accept, name="accept_stops"),
            path("stops/<uuid:crew>/add/", tour_stops_views.add, name="add_stop"),
            path("stops/<uuid:crew>/remove/", tour_stops_views.remove, name="remove_stop"),
            path("stops/<uuid:crew>/order/", tour_stops_views.order, name="order_stops"),
            path("stops/<uuid:crew>/outcome/", tour_stops_views.outcome, name="stop_outcome"),
            path("stops/<uuid:crew>/on-phone/", tour_stops_views.on_phone, name="stops_on_phone"),
        ]
    ),
    path("words/new/", next_crew_words_views.write, name="write_word"),
    path("words/in/<slug:slug>/", next_crew_words_views.words, name="words"),
    path("words/<uuid:word>/read/", next_crew_words_views.read, name="word_read"),
    path("words/<uuid:word>/take-back/", next_crew_words_views.take_back, name="word_take_back"),
]
