"""URLs of planned tours."""

from django.urls import path

from needs.tours import plan_views

plan_urls = [
    path("plans/", plan_views.plans, name="plans"),
    path("plans/new/", plan_views.new_plan, name="new_plan"),
    path("plans/cells/", plan_views.cells, name="plan_cells"),
    path("plans/line/", plan_views.line, name="plan_line"),
    path("plans/<uuid:plan>/", plan_views.plan, name="plan"),
    path("plans/<uuid:plan>/change/", plan_views.change_plan, name="change_plan"),
    path("plans/<uuid:plan>/cancel/", plan_views.cancel_plan, name="cancel_plan"),
    path("plans/<uuid:plan>/start/", plan_views.start_plan, name="start_plan"),
]
