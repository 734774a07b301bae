"""Addresses of planned tours."""

from django.urls import path

from needs.views import plans

plan_urls = [
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new_plan, name="new_plan"),
    path("plans/cells/", plans.cells, name="plan_cells"),
    path("plans/line/", plans.line, name="plan_line"),
    path("plans/<uuid:plan>/", plans.plan, name="plan"),
    path("plans/<uuid:plan>/change/", plans.change_plan, name="change_plan"),
    path("plans/<uuid:plan>/cancel/", plans.cancel_plan, name="cancel_plan"),
    path("plans/<uuid:plan>/start/", plans.start_plan, name="start_plan"),
]
