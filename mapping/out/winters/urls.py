"""Address of the file of monthly sums."""

from django.urls import path

from mapping.out.winters import views

winter_urls = [path("t/<slug:slug>/months.csv", views.winters_file, name="winters_file")]
