from django.urls import path

from volunteers import views
from volunteers.api.page_urls import token_urls
from volunteers.membership.urls import member_urls
from volunteers.notice_urls import notice_urls
from volunteers.offer_urls import offer_urls

app_name = "volunteers"
urlpatterns = [path("", views.me, name="me"), *notice_urls, *offer_urls, *token_urls, *member_urls]
