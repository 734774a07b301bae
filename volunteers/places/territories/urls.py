"""URLs of duties in territories. No URL contains a place or a name."""

from django.urls import path

from volunteers.places.territories import duty_views, work_area_views

app_name = "territories"
urlpatterns = [
    path("duties/", duty_views.duties, name="duties"),
    path("duties/ask/", duty_views.ask, name="ask"),
    path("duties/requests/<uuid:asked>/", duty_views.answer, name="answer"),
    path("duties/associations/", work_area_views.associations, name="associations"),
    path("duties/associations/<int:area>/end/", work_area_views.end, name="end_area"),
    path("duties/<int:assignment>/end/", duty_views.end, name="end"),
    path("duties/people/<uuid:person>/factor/", duty_views.reset_factor, name="reset_factor"),
]
