"""URLs of the coordinators' pages about events."""

from django.urls import path

from needs.base.site_categories.views import categories
from needs.crises import manage_views
from needs.crises.agreements.views import agreement
from needs.crises.charge import views as charge
from needs.crises.closing.views import closing
from needs.crises.event_languages.views import event_texts_page

crisis_urls = [
    path("categories/", categories, name="categories"),
    path("crises/", manage_views.crises, name="crises"),
    path("crises/new/", manage_views.new_crisis, name="crisis_new"),
    path("crises/<slug:slug>/change/", manage_views.change_crisis, name="crisis_change"),
    path("crises/<slug:slug>/texts/<slug:language>/", event_texts_page, name="crisis_texts"),
    path("crises/<slug:slug>/close/", manage_views.close_crisis, name="crisis_close"),
    path("crises/<slug:slug>/closing/", closing, name="crisis_closing"),
    path("crises/<slug:slug>/reopen/", manage_views.reopen_crisis, name="crisis_reopen"),
    path("crises/<slug:slug>/agreement/", agreement, name="crisis_agreement"),
    path("crises/<slug:slug>/hand-over/", charge.hand_over, name="crisis_hand_over"),
    path("crises/<slug:slug>/hand-over/answer/", charge.answer, name="crisis_hand_over_answer"),
    path("crises/<slug:slug>/take-charge/", charge.take, name="crisis_take_charge"),
]
