"""URLs of lending."""

from django.urls import path

from needs.neighbours.lending import stock_views, views
from volunteers.people.api.page_throttling import limit_reads

lending_urls = [
    path("lending/", views.items, name="catalogue"),
    path("lending/mine/", views.mine, name="my_items"),
    path("lending/items/new/", views.new_item, name="new_item"),
    path("lending/items/<uuid:thing>/", views.item, name="item"),
    path("lending/items/<uuid:thing>/change/", views.change_item, name="change_item"),
    path("lending/items/<uuid:thing>/list/", views.list_item, name="list_item"),
    path("lending/items/<uuid:thing>/remove/", views.remove_item, name="remove_item"),
    path("lending/items/<uuid:thing>/photos/", views.add_photo, name="add_item_photo"),
    path("lending/stock/items/<uuid:stocked>/", stock_views.move, name="stock_move"),
    path("lending/photos/<uuid:thing_photo>/", views.photo, name="item_photo"),
    path("lending/photos/<uuid:thing_photo>/remove/", views.remove_photo, name="remove_item_photo"),
    path("lending/wishes/", views.wish_list, name="wishes"),
    path("lending/wishes/new/", views.new_wish, name="new_wish"),
    path("lending/wishes/<uuid:wish>/close/", views.close_wish, name="close_wish"),
    path("lending/stock/<slug:association>/", stock_views.sheet, name="stock"),
    path("lending/stock/<slug:association>/file/", stock_views.sheet_file, name="stock_file"),
]
limit_reads(lending_urls)
