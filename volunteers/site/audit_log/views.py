"""The audit log, for coordinators and administrators; 404 for everybody else."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from volunteers.people.accounts.http_types import Request
from volunteers.people.roles.standing import coordinator_only
from volunteers.site.audit_log import log_page


@require_safe
def audit_log(request: Request) -> HttpResponse:
    """Show the entries that the reader may read, filtered by the query."""
    coordinator_only(request.user)
    form = log_page.AuditFilter(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    page = Paginator(log_page.found(request.viewer, said), log_page.PAGE_SIZE).get_page(request.GET.get("page"))
    more = request.GET.copy()
    more.pop("page", None)
    context = {"form": form, "page": page, "lines": log_page.lines(page.object_list), "more": more.urlencode()}
    return render(request, "volunteers/audit/audit.html", context)
