"""Pages about the site itself: about, health, style guide."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def about(request: HttpRequest) -> HttpResponse:
    """Explain the purpose of the site and its use of personal data."""
    return render(request, "about.html")


def health(request: HttpRequest) -> HttpResponse:
    """Return 200 if the database answers, for load balancers and ``make run``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component on one page, in demo mode only."""
    return render(request, "styleguide.html")
