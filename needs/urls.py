"""URLs of the needs pages. The URLs contain no place and no name."""

from django.urls import path

from needs.base.custom_questions import views as custom_questions
from needs.base.undo import views as undo_views
from needs.conversations.moderation_desk.urls import moderation_urls
from needs.conversations.urls import conversation_urls
from needs.crises.urls import crisis_urls
from needs.doors.association_figures import views as figure_views
from needs.doors.language_reviews import picture_mode_views
from needs.doors.phone_queue.urls import phone_queue_urls
from needs.doors.retention.rights_urls import rights_urls
from needs.guide.find_help.urls import find_help_urls
from needs.guide.places.urls import place_urls
from needs.help.assignments.urls import relief_urls
from needs.help.matching.urls import matching_urls
from needs.help.open_needs.commitment_urls import commitment_urls
from needs.help.open_needs.exact_place_urls import exact_place_urls
from needs.help.open_needs.urls import open_need_urls
from needs.help.phone_intake.urls import phone_intake_urls
from needs.help.reporter_pages.message_urls import reporter_message_urls
from needs.help.reporter_pages.urls import following_urls
from needs.help.saved_searches.urls import alert_urls
from needs.help.triage.correction_urls import correction_urls
from needs.help.triage.urls import triage_urls
from needs.messages.channels.urls import channel_urls
from needs.messages.message_desk.urls import message_desk_urls
from needs.neighbours.giving.urls import giving_urls
from needs.neighbours.groups.urls import group_urls
from needs.neighbours.lending.urls import lending_urls
from needs.neighbours.loans.pages.urls import loan_urls
from needs.neighbours.local_events.pages.urls import event_urls
from needs.neighbours.stock_labels.urls import stock_label_urls
from needs.neighbours.welcome.urls import welcome_urls
from needs.reports import encounter_views, need_report_views, own_reports_views
from needs.reports.danger.urls import danger_urls
from needs.tours import tour_mode_views
from needs.tours import views as tours
from needs.tours.next_crew_words.urls import next_crew_word_urls
from needs.tours.plan_urls import plan_urls
from needs.tours.tour_requests.urls import tour_request_urls
from needs.tours.tour_stops.urls import tour_stop_urls
from solidarity.lib.http.open_addresses import open_path

app_name = "needs"
urlpatterns = [
    open_path("help/", need_report_views.report_need, name="report_need"),
    open_path("help/pictures/", picture_mode_views.pictures, name="pictures"),
    open_path("help/<slug:gate>/", need_report_views.emergency, name="emergency"),
    open_path("help/<slug:gate>/form/", need_report_views.need_form, name="need_form"),
    path("encounters/", own_reports_views.mine, name="mine"),
    path("encounters/new/", encounter_views.log_encounter, name="log_encounter"),
    path("encounters/nobody/", encounter_views.saw_nobody, name="saw_nobody"),
    path("encounters/<uuid:report>/", encounter_views.encounter, name="encounter"),
    path("encounters/<uuid:report>/take-back/", encounter_views.take_back, name="take_back"),
    path("encounters/<uuid:report>/voice/<uuid:sound>/", encounter_views.voice_note, name="voice_note"),
    path("figures/<slug:association>/", figure_views.figures, name="association_figures"),
    path("figures/<slug:association>/<slug:kind>/", figure_views.figures_file, name="association_figures_file"),
    path("questions/", custom_questions.edit, name="questions"),
    path("questions/<slug:association>/", custom_questions.edit, name="questions_of"),
    path("tours/", tours.tours, name="tours"),
    path("tours/start/", tours.start_tour, name="start_tour"),
    path("tours/tour-mode/", tour_mode_views.tour_mode, name="tour_mode"),
    path("tours/<uuid:tour>/", tours.tour, name="tour"),
    path("tours/<uuid:tour>/stop/", tours.stop_tour, name="stop_tour"),
    path("tours/<uuid:tour>/cells/", tours.tour_cells, name="tour_cells"),
    path("tours/<uuid:tour>/line/", tours.tour_line, name="tour_line"),
    path("undo/", undo_views.undo, name="undo"),
    path("tours/<uuid:tour>/counts/", tour_mode_views.tour_counts, name="tour_counts"),
    *phone_queue_urls,
    *correction_urls,
    *crisis_urls,
    *relief_urls,
    *danger_urls,
    *find_help_urls,
    *group_urls,
    *event_urls,
    *loan_urls,
    *matching_urls,
    *stock_label_urls,
    *plan_urls,
    *tour_request_urls,
    *tour_stop_urls,
    *moderation_urls,
    *next_crew_word_urls,
    *rights_urls,
    *alert_urls,
    *open_need_urls,
    *lending_urls,
    *giving_urls,
    *exact_place_urls,
    *channel_urls,
    *following_urls,
    *conversation_urls,
    *reporter_message_urls,
    *commitment_urls,
    *message_desk_urls,
    *phone_intake_urls,
    *place_urls,
    *triage_urls,
    *welcome_urls,
]
