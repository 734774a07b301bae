"""The administrators' page of the site's categories."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from needs.base.site_categories import site_list
from needs.base.site_categories.forms import chosen, rows_form
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def categories(request: Request) -> HttpResponse:
    """Show and store the site's own list of categories."""
    if not request.viewer.is_administrator:
        raise Http404
    rows = rows_form(request.POST if request.method == "POST" else None)
    if rows.is_bound and rows.is_valid():
        with transaction.atomic():
            site_list.replace(chosen(rows))
            recording.record(request.user, Verb.SITE_CHANGED, "site", 1, purpose=Purpose.ADMINISTRATION)
        messages.success(request, _("The categories are saved."))
        return redirect("mapping:categories")
    context = {"rows": rows}
    return render(request, "needs/site_categories/categories.html", context, status=400 if rows.is_bound else 200)
