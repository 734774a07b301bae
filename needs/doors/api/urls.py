"""URLs of the API."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from needs.conversations import api as conversations
from needs.crises import api as crises
from needs.doors.api import docs_views
from needs.doors.report_batches import batch_api
from needs.guide.places import api as guide
from needs.help.corrections import api as corrections
from needs.help.matching import api as matching
from needs.help.open_needs import api as open_needs
from needs.help.open_needs import commitment_api as commitments
from needs.help.open_needs import exact_place_api as exact_places
from needs.help.saved_searches import api as searches
from needs.help.triage import api as triage
from needs.neighbours.giving import api as giving
from needs.neighbours.lending import api as lending
from needs.neighbours.loans.pages import api as loans
from needs.reports import api as reports
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.api.base import NotFoundView
from volunteers.people.api.urls import urls as people

app_name = "api"
_V1 = [
    *people,
    path("areas/", open_needs.Areas.as_view(), name="areas"),
    path("encounters/", reports.Encounters.as_view(), name="encounters"),
    path("encounters/<uuid:report>/", corrections.EncounterView.as_view(), name="encounter"),
    path("reports/batch/", batch_api.ReportBatch.as_view(), name="report_batch"),
    path("questions/", reports.Questions.as_view(), name="questions"),
    path("needs/", reports.Needs.as_view(), name="needs"),
    path("crises/", crises.Crises.as_view(), name="crises"),
    path("crises/<slug:slug>/", crises.CrisisView.as_view(), name="crisis"),
    path("crises/<slug:slug>/reports/", crises.Reports.as_view(), name="crisis_reports"),
    path("places/", guide.GuidePlaces.as_view(), name="guide"),
    path("places/<uuid:pk>/", guide.GuidePlace.as_view(), name="guide_place"),
    path("places/<uuid:pk>/capacities/<slug:kind>/", guide.GuideCapacity.as_view(), name="guide_capacity"),
    path("conversations/", conversations.Conversations.as_view(), name="conversations"),
    path("conversations/<slug:kind>/<uuid:about>/messages/", conversations.Messages.as_view(), name="messages"),
    path("open-needs/", open_needs.OpenNeeds.as_view(), name="open_needs"),
    path("open-needs/fitting/", matching.Fitting.as_view(), name="fitting"),
    path("open-needs/<uuid:need>/", open_needs.OpenNeed.as_view(), name="open_need"),
    path("open-needs/<uuid:need>/take/", open_needs.Take.as_view(), name="take"),
    path("open-needs/<uuid:need>/offer/", exact_places.OfferHelp.as_view(), name="offer_help"),
    path("offers/", exact_places.Offers.as_view(), name="offers"),
    path("me/places/", exact_places.BudgetView.as_view(), name="budget"),
    path("open-needs/<uuid:need>/commitments/", commitments.Holders.as_view(), name="holders"),
    path("lending/", lending.Items.as_view(), name="catalogue"),
    path("lending/mine/", lending.OwnItems.as_view(), name="own_items"),
    path("lending/wishes/", lending.Wishes.as_view(), name="wishes"),
    path("giving/", giving.Giving.as_view(), name="giving"),
    path("giving/mine/", giving.OwnOffers.as_view(), name="own_offers"),
    path("giving/requests/", giving.OfferRequests.as_view(), name="offer_requests"),
    path("giving/<uuid:gift>/ask/", giving.AskForOffer.as_view(), name="ask_for_offer"),
    path("proposals/", matching.Proposals.as_view(), name="proposals"),
    path("proposals/<uuid:proposal>/answer/", matching.AnswerProposal.as_view(), name="answer_proposal"),
    path("commitments/", commitments.Commitments.as_view(), name="commitments"),
    path("commitments/association/", commitments.AssociationCommitments.as_view(), name="association_commitments"),
    path("commitments/<uuid:commitment>/", commitments.CommitmentView.as_view(), name="commitment"),
    path("commitments/<uuid:commitment>/place/", commitments.ExactPlaceView.as_view(), name="place"),
    path("commitments/<uuid:commitment>/extend/", commitments.Extend.as_view(), name="extend"),
    path("commitments/<uuid:commitment>/done/", commitments.Done.as_view(), name="done"),
    path("commitments/<uuid:commitment>/withdraw/", commitments.Withdraw.as_view(), name="withdraw"),
    path("commitments/<uuid:commitment>/ask/", commitments.Ask.as_view(), name="ask"),
    path("commitments/<uuid:commitment>/offer/", commitments.HandOverOffer.as_view(), name="offer"),
    path("commitments/<uuid:commitment>/feedback/", commitments.FeedbackView.as_view(), name="feedback"),
    path("hand-overs/", commitments.HandOvers.as_view(), name="hand_overs"),
    path("hand-overs/<uuid:hand>/answer/", commitments.AnswerHandOver.as_view(), name="answer_hand_over"),
    path("loans/", loans.Loans.as_view(), name="loans"),
    path("loans/<uuid:loan>/", loans.LoanView.as_view(), name="loan"),
    path("loans/<uuid:loan>/steps/", loans.LoanSteps.as_view(), name="loan_steps"),
    path("items/<uuid:thing>/days/", loans.ItemCalendar.as_view(), name="item_days"),
    path("mates/", commitments.Mates.as_view(), name="mates"),
    path("alerts/", searches.Alerts.as_view(), name="alerts"),
    path("alerts/<uuid:search>/", searches.Alert.as_view(), name="alert"),
    path("alerts/<uuid:search>/found/", searches.AlertFound.as_view(), name="alert_found"),
    path("capacities/<slug:association>/", matching.Capacities.as_view(), name="capacities"),
    path("triage/needs/", triage.Queue.as_view(), name="queue"),
    path("triage/needs/<uuid:need>/", triage.NeedView.as_view(), name="need"),
    path("triage/needs/<uuid:need>/moves/", triage.Moves.as_view(), name="moves"),
    path("triage/needs/<uuid:need>/calls/", triage.Calls.as_view(), name="calls"),
    path("triage/needs/<uuid:need>/contact/", triage.Contact.as_view(), name="contact"),
    path("triage/needs/<uuid:need>/lock/", triage.Lock.as_view(), name="lock"),
    path("triage/needs/<uuid:need>/duplicates/", triage.Duplicates.as_view(), name="duplicates"),
    path("triage/needs/<uuid:need>/duplicates/<uuid:other>/merge/", triage.MergeView.as_view(), name="merge"),
    path("triage/needs/<uuid:need>/duplicates/<uuid:other>/apart/", triage.Apart.as_view(), name="apart"),
    path("triage/needs/<uuid:need>/offers/", exact_places.OffersOfNeed.as_view(), name="offers_of_need"),
    path(
        "triage/needs/<uuid:need>/offers/<uuid:offer>/answer/", exact_places.AnswerOffer.as_view(), name="answer_offer"
    ),
    path("triage/needs/<uuid:need>/whom/", matching.Whom.as_view(), name="whom"),
    path("triage/merges/<uuid:merge>/undo/", triage.UndoMerge.as_view(), name="undo_merge"),
    path("triage/bulk/", triage.Bulk.as_view(), name="bulk"),
    path("triage/ageing/", triage.Ageing.as_view(), name="ageing"),
    path("triage/batch/", matching.Batch.as_view(), name="batch"),
    path("triage/searches/", searches.Searches.as_view(), name="searches"),
    path("triage/searches/<uuid:search>/", searches.Search.as_view(), name="search"),
    re_path(r"^.*$", NotFoundView.as_view()),
]
urlpatterns = [
    path("v1/", include(_V1)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    open_path("docs/", docs_views.page, name="docs"),
]
