"""The page that scans labels, which the phone keeps for offline use, and the sheet of labels to print."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope.guards import own_associations, tours_to_join
from needs.help.following.qr_code import qr_path
from needs.models import Item, WaitingScan
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefused
from needs.neighbours.stock_labels import item_labels, scanning
from needs.neighbours.stock_labels.forms import ScanForm
from needs.neighbours.stock_labels.scanning import Scan
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request

MOST_ITEMS = 300


def scan(request: Request) -> HttpResponse:
    """Scan things that go out with a tour, come back or were given away. A POST comes from browsers without scripts."""
    associations = own_associations(request.user)
    tours = tours_to_join(request.user)
    form = ScanForm(request.POST or None, tours=tours, initial={"tour": tours[0] if tours else None})
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        key = _id_of(request.POST.get("id"))
        said = Scan(key, data["label"], StockReason(data["reason"]), data["quantity"], data["tour"])
        try:
            item = scanning.take(said, request.user)
        except LendingRefused as refused:
            form.add_error(None, refused.words)
        else:
            if item is not None:
                messages.success(request, _("Saved: %(item)s.") % {"item": item.name})
                return redirect("needs:stock_scan")
            form.add_error("label", str(scanning.UNKNOWN))
    rows = Item.objects.filter(association__in=associations, removed_at=None).exclude(label=None)
    context = {
        "form": form,
        "tours": [
            {"id": str(tour.pk), "began": round(tour.at.timestamp() * 1000), "own": tour.author_id == request.user.pk,
             "association": tour.association.name}
            for tour in tours
        ],
        "items": [{"label": row.label, "name": row.name} for row in rows.order_by("name", "pk")[:MOST_ITEMS]],
        "associations": associations,
        "made": round(timezone.now().timestamp() * 1000),
        "fresh_id": uuid.uuid4(),
    }  # fmt: skip
    return render(request, "needs/stock_labels/scan.html", context, status=400 if form.is_bound else 200)


def _id_of(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.uuid4()


def _own(request: Request, slug: str) -> Association:
    return get_object_or_404(Association.objects.of(request.user), slug=slug)


def sheet(request: Request, association: str) -> HttpResponse:
    """Show the labels of an association's items, to print. A POST gives labels to the items that have none."""
    own = _own(request, association)
    if request.method == "POST":
        number = item_labels.make(own)
        if number:
            messages.success(request, _("The new labels are ready to print."))
        return redirect("needs:stock_labels", own.slug)
    rows = Item.objects.filter(association=own, removed_at=None).order_by("name", "pk")
    labelled = [row for row in rows[:MOST_ITEMS] if row.label]
    codes = [(row, item_labels.grouped(row.label or ""), *qr_path(row.label or "")) for row in labelled]
    context = {
        "association": own,
        "labels": codes,
        "missing": rows.filter(label=None).count(),
        "waiting": WaitingScan.objects.filter(item__association=own).select_related("item"),
    }
    return render(request, "needs/stock_labels/labels.html", context)


@require_POST
def renew(request: Request, association: str, stocked: uuid.UUID) -> HttpResponse:
    """Give an item a new label, because the old one is lost or on something else."""
    own = _own(request, association)
    if not item_labels.renew(get_object_or_404(Item, association=own, removed_at=None, pk=stocked)):
        raise Http404
    messages.success(request, _("The old label no longer works. Print the new one."))
    return redirect("needs:stock_labels", own.slug)
