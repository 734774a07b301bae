"""URLs of the needs pages. The URLs contain no place and no name."""

from needs.base.urls import base_urls
from needs.conversations.urls import conversations_urls
from needs.crises.urls import crises_urls
from needs.doors.urls import doors_urls
from needs.guide.urls import guide_urls
from needs.help.urls import help_urls
from needs.messages.urls import messages_urls
from needs.neighbours.urls import neighbours_urls
from needs.reports.urls import reports_urls
from needs.tours.urls import tours_urls

app_name = "needs"
urlpatterns = [
    *doors_urls,
    *reports_urls,
    *base_urls,
    *tours_urls,
    *help_urls,
    *crises_urls,
    *guide_urls,
    *neighbours_urls,
    *conversations_urls,
    *messages_urls,
]
