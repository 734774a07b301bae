"""Addresses of the wing neighbours."""

from django.urls import path

from needs.neighbours.giving import views as giving_views
from needs.neighbours.groups import group_views
from needs.neighbours.groups import views as groups_views
from needs.neighbours.lending import stock_views
from needs.neighbours.lending import views as lending_views
from needs.neighbours.loans.pages import protection_views
from needs.neighbours.loans.pages import views as loans_views
from needs.neighbours.local_events.pages import organising_views
from needs.neighbours.local_events.pages import views as local_events_views
from needs.neighbours.stock_labels import views as stock_labels_views
from needs.neighbours.welcome import views as welcome_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.page_throttling import limit_reads

neighbours_urls = [
    *limit_reads(
        [
            path("join/", groups_views.join, name="join"),
            path("join/requests/", groups_views.requests_to_answer, name="join_requests"),
            path("join/requests/<uuid:join_request>/answer/", groups_views.answer_request, name="answer_join_request"),
            path("join/requests/<uuid:join_request>/take-back/", groups_views.take_back, name="take_back_join_request"),
            path("join/associations/<slug:association>/", groups_views.ask_association, name="ask_association"),
            path("groups/new/", group_views.found_group, name="found_group"),
            path("groups/<uuid:group>/", group_views.group_page, name="group"),
            path("groups/<uuid:group>/join/", group_views.join_group, name="join_group"),
            path("groups/<uuid:group>/leave/", group_views.leave_group, name="leave_group"),
            path("groups/<uuid:group>/change/", group_views.change_group, name="change_group"),
            path("groups/<uuid:group>/close/", group_views.close_group, name="close_group"),
            path("groups/<uuid:group>/look-after/", group_views.look_after, name="look_after_group"),
            path("groups/<uuid:group>/members/<int:group_member>/role/", group_views.change_role, name="group_role"),
            path(
                "groups/<uuid:group>/members/<int:group_member>/remove/",
                group_views.remove_member,
                name="remove_from_group",
            ),
        ]
    ),
    open_path("events/", local_events_views.events, name="events"),
    open_path("events/in/<slug:slug>/", local_events_views.events_in, name="events_in"),
    path("events/mine/", organising_views.mine, name="events_mine"),
    path("events/new/", organising_views.new, name="event_new"),
    open_path("events/tiles/<int:z>/<int:x>/<int:y>.mvt", local_events_views.event_tile, name="event_tile"),
    open_path("events/<uuid:pk>/", local_events_views.event, name="event"),
    open_path("events/<uuid:pk>/event.ics", local_events_views.event_file, name="event_file"),
    path("events/<uuid:pk>/join/", local_events_views.join, name="event_join"),
    path("events/<uuid:pk>/leave/", local_events_views.leave, name="event_leave"),
    path("events/<uuid:pk>/edit/", organising_views.edit, name="event_edit"),
    path("events/<uuid:pk>/copy/", organising_views.copy, name="event_copy"),
    path("events/<uuid:pk>/day/", organising_views.change_day, name="event_day"),
    path("events/<uuid:pk>/cancel/", organising_views.cancel, name="event_cancel"),
    path("events/<uuid:pk>/restore/", organising_views.restore, name="event_restore"),
    path("events/<uuid:pk>/stops/", organising_views.stops, name="event_stops"),
    path("events/<uuid:pk>/stops/order/", organising_views.order_stops, name="event_order_stops"),
    path("events/<uuid:pk>/stops/remove/", organising_views.remove_stop, name="event_remove_stop"),
    *limit_reads(
        [
            path("loans/", loans_views.loans, name="loans"),
            path("loans/ask/<uuid:thing>/", loans_views.ask, name="loan_ask"),
            path("loans/<uuid:loan>/", loans_views.loan, name="loan"),
            path("loans/<uuid:loan>/step/<slug:state>/", loans_views.step, name="loan_step"),
            path("loans/<uuid:loan>/photos/<int:seen>/", loans_views.photo, name="loan_photo"),
            path("loans/<uuid:loan>/met/", loans_views.meet, name="loan_met"),
            path("loans/<uuid:loan>/block/", protection_views.block, name="loan_block"),
        ]
    ),
    path("stock/scan/", stock_labels_views.scan, name="stock_scan"),
    path("stock/<slug:association>/labels/", stock_labels_views.sheet, name="stock_labels"),
    path("stock/<slug:association>/labels/<uuid:stocked>/", stock_labels_views.renew, name="renew_label"),
    *limit_reads(
        [
            path("lending/", lending_views.items, name="catalogue"),
            path("lending/mine/", lending_views.mine, name="my_items"),
            path("lending/items/new/", lending_views.new_item, name="new_item"),
            path("lending/items/<uuid:thing>/", lending_views.item, name="item"),
            path("lending/items/<uuid:thing>/change/", lending_views.change_item, name="change_item"),
            path("lending/items/<uuid:thing>/list/", lending_views.list_item, name="list_item"),
            path("lending/items/<uuid:thing>/remove/", lending_views.remove_item, name="remove_item"),
            path("lending/items/<uuid:thing>/photos/", lending_views.add_photo, name="add_item_photo"),
            path("lending/stock/items/<uuid:stocked>/", stock_views.move, name="stock_move"),
            path("lending/photos/<uuid:thing_photo>/", lending_views.photo, name="item_photo"),
            path("lending/photos/<uuid:thing_photo>/remove/", lending_views.remove_photo, name="remove_item_photo"),
            path("lending/wishes/", lending_views.wish_list, name="wishes"),
            path("lending/wishes/new/", lending_views.new_wish, name="new_wish"),
            path("lending/wishes/<uuid:wish>/close/", lending_views.close_wish, name="close_wish"),
            path("lending/stock/<slug:association>/", stock_views.sheet, name="stock"),
            path("lending/stock/<slug:association>/file/", stock_views.sheet_file, name="stock_file"),
            path("giving/", giving_views.giving, name="giving"),
            path("giving/mine/", giving_views.mine, name="giving_mine"),
            path("giving/new/", giving_views.new_offer, name="new_offer"),
            path("giving/<uuid:gift>/", giving_views.offer, name="offer"),
            path("giving/<uuid:gift>/close/", giving_views.close_offer, name="close_offer"),
            path("giving/<uuid:gift>/ask/", giving_views.ask, name="ask_for_offer"),
            path("giving/requests/<uuid:gift_request>/agree/", giving_views.agree, name="agree_request"),
            path("giving/requests/<uuid:gift_request>/decline/", giving_views.decline, name="decline_request"),
            path("giving/requests/<uuid:gift_request>/give/", giving_views.give, name="give_request"),
            path("giving/requests/<uuid:gift_request>/cancel/", giving_views.cancel, name="cancel_request"),
        ]
    ),
    path("welcome/", welcome_views.welcome, name="welcome"),
    path("welcome/together/", welcome_views.welcome_together, name="welcome_together"),
    path("welcome/<slug:step>/", welcome_views.welcome_step, name="welcome_step"),
]
