"""Addresses of the wing help, those under /map/ in a list of their own."""

from django.urls import path

from needs.base.dispatch_scope import views as dispatch_scope_views
from needs.help.assignments import views as assignments_views
from needs.help.matching import capacity_views
from needs.help.matching import views as matching_views
from needs.help.open_needs import commitment_views, exact_place_views
from needs.help.open_needs import views as open_needs_views
from needs.help.phone_intake import views as phone_intake_views
from needs.help.reporter_pages import desk_views, reporter_views
from needs.help.reporter_pages import views as reporter_pages_views
from needs.help.saved_searches import views as saved_searches_views
from needs.help.territory_needs import territory_need_views
from needs.help.territory_needs import views as territory_needs_views
from needs.help.triage import correction_views, duplicate_views, need_views
from needs.help.triage import views as triage_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.page_throttling import limit_reads

help_urls = [
    path("encounters/<uuid:report>/correct/", correction_views.correct_encounter, name="correct_encounter"),
    path("triage/<uuid:need>/place/", correction_views.look_up, name="look_up_place"),
    path("triage/<uuid:need>/correct/", correction_views.correct_need, name="correct_need"),
    *limit_reads(
        [
            path("relief/", assignments_views.relief, name="relief"),
            path("relief/assign/", assignments_views.assign, name="assign"),
            path("relief/<uuid:assignment>/", assignments_views.assigned, name="assigned"),
            path("relief/<uuid:assignment>/answer/", assignments_views.answer, name="relief_answer"),
            path("relief/<uuid:assignment>/report/", assignments_views.report_back, name="relief_report"),
            path("relief/<uuid:assignment>/withdraw/", assignments_views.withdraw, name="relief_withdraw"),
        ]
    ),
    path("proposals/", matching_views.proposals, name="proposals"),
    path("proposals/<uuid:proposal>/", matching_views.answer, name="answer_proposal"),
    path("triage/<uuid:need>/ask/", matching_views.whom_to_ask, name="whom_to_ask"),
    path("triage/ask/", matching_views.batch_page, name="matching_batch"),
    path("capacities/", capacity_views.capacities_page, name="capacities"),
    path("capacities/<slug:association>/", capacity_views.capacities_page, name="capacities_of"),
    path("alerts/", saved_searches_views.alert_list, name="alerts"),
    path("alerts/new/", saved_searches_views.new_alert, name="new_alert"),
    path("alerts/<uuid:search>/", saved_searches_views.alert, name="alert"),
    path("alerts/<uuid:search>/switch/", saved_searches_views.switch, name="switch_alert"),
    path("alerts/<uuid:search>/drop/", saved_searches_views.delete, name="drop_alert"),
    *limit_reads(
        [
            path("open/", open_needs_views.open_needs, name="open_needs"),
            path("open/<uuid:need>/", open_needs_views.open_need, name="open_need"),
            path("commitments/<uuid:commitment>/ask/", open_needs_views.ask, name="commitment_ask"),
            path("open/<uuid:need>/offer/", exact_place_views.offer_help, name="offer_help"),
            path("offers/<uuid:offer>/withdraw/", exact_place_views.withdraw_offer, name="withdraw_offer"),
            path("triage/places/", exact_place_views.places_opened, name="places_opened"),
            path("triage/places/<uuid:holder>/raise/", exact_place_views.raise_budget, name="raise_budget"),
            path("triage/<uuid:need>/offers/<uuid:offer>/", exact_place_views.answer_offer, name="answer_offer"),
        ]
    ),
    open_path("follow/<str:token>/", reporter_pages_views.follow, name="follow"),
    open_path("follow/<str:token>/state/", reporter_pages_views.state, name="follow_state"),
    open_path("follow/<str:token>/place/", reporter_pages_views.correct_place, name="follow_place"),
    open_path("follow/<str:token>/link/", reporter_pages_views.send_link, name="follow_link"),
    open_path("follow/<str:token>/push/", reporter_pages_views.push_on, name="follow_push"),
    open_path("follow/<str:token>/stop/", reporter_pages_views.stop, name="follow_stop"),
    *limit_reads(
        [
            path("commitments/desk/", desk_views.desk, name="commitment_desk"),
            path("commitments/desk/<uuid:message>/", desk_views.passed_on, name="commitment_passed_on"),
            path("commitments/<uuid:commitment>/unsafe-seen/", desk_views.unsafe_seen, name="unsafe_seen"),
            path("commitments/<uuid:commitment>/feedback/", desk_views.feedback, name="commitment_feedback"),
            open_path("follow/<str:token>/message/", reporter_views.message, name="follow_message"),
            open_path(
                "follow/<str:token>/feedback/<uuid:commitment>/", reporter_views.feedback, name="follow_feedback"
            ),
            path("commitments/", commitment_views.own_commitments, name="commitments"),
            path("commitments/association/", commitment_views.association_commitments, name="association_commitments"),
            path("commitments/<uuid:commitment>/", commitment_views.commitment, name="commitment"),
            path("commitments/<uuid:commitment>/place/", commitment_views.place, name="commitment_place"),
            path("commitments/<uuid:commitment>/done/", commitment_views.done, name="commitment_done"),
            path("commitments/<uuid:commitment>/extend/", commitment_views.extend, name="commitment_extend"),
            path("commitments/<uuid:commitment>/give-back/", commitment_views.give_back, name="commitment_give_back"),
            path("commitments/<uuid:commitment>/offer/", commitment_views.offer, name="commitment_offer"),
            path("commitments/<uuid:commitment>/link/", commitment_views.change_link, name="commitment_link"),
            path("hand-overs/link/<str:token>/", commitment_views.hand_over_link, name="hand_over_link"),
            path("hand-overs/<uuid:hand>/", commitment_views.answer_hand_over, name="hand_over"),
            path("triage/calls/new/", phone_intake_views.new_call, name="new_call"),
            path("triage/calls/similar/", phone_intake_views.similar, name="similar_needs"),
            path("triage/calls/<uuid:need>/", phone_intake_views.call_saved, name="call_saved"),
        ]
    ),
    path("triage/", triage_views.needs_to_sort, name="triage"),
    path("triage/find/", triage_views.find, name="triage_find"),
    path("triage/changes/", triage_views.changes, name="triage_changes"),
    path("triage/bulk/", triage_views.bulk, name="triage_bulk"),
    path("triage/on-duty/", dispatch_scope_views.on_duty, name="on_duty"),
    path("triage/ageing/", triage_views.ageing_list, name="triage_ageing"),
    path("triage/searches/", triage_views.save_search, name="triage_keep_search"),
    path("triage/searches/<uuid:search>/drop/", triage_views.delete_search, name="triage_drop_search"),
    path("triage/merges/<uuid:merge>/undo/", duplicate_views.undo, name="triage_undo_merge"),
    *limit_reads([path("triage/<uuid:need>/", need_views.need_page, name="triage_need")]),
    path("triage/<uuid:need>/step/", need_views.move, name="triage_step"),
    path("triage/<uuid:need>/share/", dispatch_scope_views.share, name="share_need"),
    path("triage/<uuid:need>/share/<uuid:sharing>/end/", dispatch_scope_views.end_sharing, name="end_sharing"),
    path("triage/<uuid:need>/contact/", need_views.contact, name="contact"),
    path("triage/<uuid:need>/call/", need_views.call, name="triage_call"),
    path("triage/<uuid:need>/lock/", need_views.lock, name="triage_lock"),
    path("triage/<uuid:need>/lock/take-over/", need_views.take_over, name="triage_take_over"),
    path("triage/<uuid:need>/lock/leave/", need_views.leave, name="triage_leave"),
    *limit_reads([path("triage/<uuid:need>/duplicates/<uuid:other>/", duplicate_views.compare, name="triage_compare")]),
    path("triage/<uuid:need>/duplicates/<uuid:other>/merge/", duplicate_views.merge, name="triage_merge"),
    path("triage/<uuid:need>/duplicates/<uuid:other>/apart/", duplicate_views.apart, name="triage_apart"),
]

help_map_urls = [
    path("crises/<slug:slug>/groups/", assignments_views.groups, name="relief_groups"),
    path("crises/<slug:slug>/groups/<uuid:group>/", assignments_views.change_group, name="relief_group"),
    *limit_reads([path("t/<slug:slug>/needs/", territory_needs_views.territory_needs, name="territory_needs")]),
    *limit_reads(
        [path("t/<slug:slug>/needs/<uuid:need>/", territory_need_views.territory_need, name="territory_need")]
    ),
]
