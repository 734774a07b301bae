"""URLs of “Find help now”. None contains a position."""

from needs.guide.find_help import views
from solidarity.lib.http.open_addresses import open_path

find_help_urls = [
    open_path("find/", views.find_help, name="find_help"),
    open_path("find/near/", views.near, name="find_help_near"),
    open_path("find/sheet/", views.sheet_around, name="find_help_sheet_around"),
    open_path("find/tiles/<slug:kind>/<int:z>/<int:x>/<int:y>.mvt", views.place_tile, name="place_tile"),
    open_path("find/in/<slug:slug>/", views.find_help_in, name="find_help_in"),
    open_path("find/in/<slug:slug>/sheet/", views.sheet, name="find_help_sheet"),
]
