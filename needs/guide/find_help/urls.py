"""URLs of “Find help now”. None contains a position."""

from django.urls import path

from needs.guide.find_help import views

find_help_urls = [
    path("find/", views.find_help, name="find_help"),
    path("find/near/", views.near, name="find_help_near"),
    path("find/sheet/", views.sheet_around, name="find_help_sheet_around"),
    path("find/tiles/<slug:kind>/<int:z>/<int:x>/<int:y>.mvt", views.place_tile, name="place_tile"),
    path("find/in/<slug:slug>/", views.find_help_in, name="find_help_in"),
    path("find/in/<slug:slug>/sheet/", views.sheet, name="find_help_sheet"),
]
