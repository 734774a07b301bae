"""Pages about the site itself: legal notice, security contact, health, style guide."""

from datetime import UTC, timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from solidarity.lib.http.kept_pages import kept
from solidarity.lib.languages import in_public_languages_without_account

SECURITY_TXT_DAYS = 180
"""RFC 9116 recommends less than a year. The date is computed, so the file never expires while the site is running."""


@kept
@in_public_languages_without_account
def legal_notice(request: HttpRequest) -> HttpResponse:
    """Show the name of the publisher and of the host of the site (in French: mentions légales)."""
    return render(request, "legal_notice.html")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Tell security researchers where to report a weakness (RFC 9116)."""
    contact = settings.SECURITY_CONTACT
    expires = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0) + timedelta(days=SECURITY_TXT_DAYS)
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.SITE_URL}{request.path}",
    ]
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", headers=headers)


def health(request: HttpRequest) -> HttpResponse:
    """Return 200 if the database answers, for load balancers and ``make run``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component on one page, in demo mode only."""
    return render(request, "styleguide.html")
