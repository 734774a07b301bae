"""Pages about the site itself: about, health, style guide."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def about(request: HttpRequest) -> HttpResponse:
    """Explain what the site is for, and what it does with personal data."""
    return render(request, "about.html")


def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers; for load balancers and the start script."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component on one page; in demo mode only."""
    return render(request, "styleguide.html")
