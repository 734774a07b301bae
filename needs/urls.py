"""Addresses of the field's pages. No place and no name ever stands in one."""

from django.urls import path

from needs.alert_urls import alert_urls
from needs.api import reports as api
from needs.commitment_urls import commitment_urls
from needs.crisis_urls import crisis_urls
from needs.matching_urls import matching_urls
from needs.outbox.urls import outbox_urls
from needs.plan_urls import plan_urls
from needs.rights_urls import rights_urls
from needs.triage_urls import triage_urls
from needs.views import encounters, mine, pictures, questions, reporting, tours, walk

app_name = "needs"
urlpatterns = [
    path("help/", reporting.report_need, name="report_need"),
    path("help/pictures/", pictures.pictures, name="pictures"),
    path("help/<slug:gate>/", reporting.emergency, name="emergency"),
    path("help/<slug:gate>/form/", reporting.need_form, name="need_form"),
    path("follow/<str:token>/", reporting.follow, name="follow"),
    path("encounters/", mine.mine, name="mine"),
    path("encounters/new/", encounters.log_encounter, name="log_encounter"),
    path("encounters/nobody/", encounters.saw_nobody, name="saw_nobody"),
    path("encounters/<uuid:report>/", encounters.encounter, name="encounter"),
    path("encounters/<uuid:report>/take-back/", encounters.take_back, name="take_back"),
    path("encounters/<uuid:report>/voice/<uuid:sound>/", encounters.voice_note, name="voice_note"),
    path("questions/", questions.edit, name="questions"),
    path("questions/<slug:association>/", questions.edit, name="questions_of"),
    path("tours/", tours.tours, name="tours"),
    path("tours/start/", tours.start_tour, name="start_tour"),
    path("tours/walk/", walk.walk, name="walk"),
    path("tours/<uuid:tour>/", tours.tour, name="tour"),
    path("tours/<uuid:tour>/stop/", tours.stop_tour, name="stop_tour"),
    path("tours/<uuid:tour>/cells/", tours.tour_cells, name="tour_cells"),
    path("tours/<uuid:tour>/line/", tours.tour_line, name="tour_line"),
    *outbox_urls,
    *crisis_urls,
    *matching_urls,
    *plan_urls,
    *rights_urls,
    *alert_urls,
    *commitment_urls,
    *triage_urls,
    path("api/encounters/", api.Encounters.as_view(), name="api_encounters"),
    path("api/needs/", api.Needs.as_view(), name="api_needs"),
]
