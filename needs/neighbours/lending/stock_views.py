"""The stock sheet of an association: read it, change it, download it. The sheet is shown only to members of the
association."""

import csv
import io
import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from needs.models import Item, Tour
from needs.neighbours.lending import stock
from needs.neighbours.lending.forms import MoveForm
from needs.neighbours.lending.lending_refusals import LendingRefused
from solidarity.lib.files import hxl_tags
from solidarity.lib.files.formula_injection import neutral
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

RECENT = timedelta(hours=24)


def _own(request: Request, slug: str) -> Association:
    return get_object_or_404(Association.objects.of(request.user), slug=slug)


@require_safe
def sheet(request: Request, association: str) -> HttpResponse:
    """The stock of an association."""
    own = _own(request, association)
    lines = stock.sheet_of(own)
    context = {"association": own, "lines": lines, "low": sum(line.is_low for line in lines)}
    return render(request, "needs/lending/stock.html", context)


@require_safe
def sheet_file(request: Request, association: str) -> HttpResponse:
    """Send the stock sheet as CSV."""
    own, out = _own(request, association), io.StringIO()
    rows = [[neutral(value) for value in row] for row in stock.rows_of(own)]
    details = {"rows": len(rows)}
    if hxl_tags.wanted(request):
        rows.insert(1, hxl_tags.tags_of("stock", rows[0]))
    csv.writer(out).writerows(rows)
    recording.record(request.user, Verb.EXPORT_FETCHED, "stock", own.pk, purpose=Purpose.COORDINATION, details=details)
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{own.slug}-stock.csv"'
    return response


def move(request: Request, stocked: uuid.UUID) -> HttpResponse:
    """Change the stock of one item, and show its last changes."""
    rows = Item.objects.of(request.user).filter(association__isnull=False).select_related("association")
    own = get_object_or_404(rows, pk=stocked)
    tours = Tour.objects.live().filter(association=own.association).lately(timezone.now() - RECENT)
    form = MoveForm(request.POST if request.method == "POST" else None, tours=tours, initial={"id": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            try:
                stock.change(
                    own, data["quantity"], data["reason"], tour=data["tour"], author=request.user, id=form.minted
                )
            except LendingRefused as refused:
                form.add_error("quantity", refused.words)
                status = 409
            else:
                messages.success(request, _("The stock is changed."))
                return redirect("needs:stock", own.association.slug)  # type: ignore[union-attr]
    moves = own.moves.select_related("author", "tour").order_by("-at")[:20]
    context = {"item": own, "form": form, "level": stock.level_of(own), "moves": moves}
    return render(request, "needs/lending/stock_move.html", context, status=status)
