"""Pages to read, add and remove field notes of a zone."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.map.overrides import field_notes, override_filing
from mapping.map.overrides.forms import NoteForm
from mapping.map.overrides.views import about, picker, zone_for
from mapping.map.releases import reading
from mapping.models import FieldNote
from needs.base.dispatch_scope.guards import own_associations
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
@cache_control(private=True, no_cache=True)
def zone_notes(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """The notes in a zone's cells."""
    found, zone = zone_for(request, slug, key)
    notes = field_notes.of_reader(request.viewer, found, zone)
    if notes is None:
        raise Http404
    return render(request, "mapping/overrides/field_notes.html", about(found, zone) | {"notes": notes})


@require_safe
def note(request: Request, note: uuid.UUID) -> HttpResponse:
    """Redirect to the notes of the zone that now contains a note. If the reader's map has no zone there, show the
    note."""
    pinned = get_object_or_404(
        FieldNote.objects.current(timezone.now()).select_related("territory", "association"), pk=note
    )
    found = reading.read(request.viewer, access.territory_for(request.viewer, pinned.territory.slug))
    if not field_notes.readable(request.viewer, found):
        raise Http404
    zone = field_notes.zone_of(found, pinned)
    if zone is None:
        return render(request, "mapping/overrides/one_note.html", {"note": pinned})
    return redirect("mapping:notes", slug=pinned.territory.slug, key=zone.key)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """Add a note to a cell of a zone, for members of an association."""
    own = own_associations(request.user)
    found, zone = zone_for(request, slug, key)
    cells = override_filing.cells_of(zone)
    form = NoteForm(request.POST or None, initial={"id": uuid.uuid4()}, associations=own, zone_cells=cells)
    if form.is_valid():
        data = form.cleaned_data
        field_notes.pin(
            zone, cell=form.where, text=data["text"], days=data["days"], association=form.owner.pk,
            author=request.user.pk, id=form.minted,
        )  # fmt: skip
        messages.success(request, _("Your note was added."))
        return redirect("mapping:notes", slug=slug, key=key)
    context = about(found, zone) | picker(form["cell"], cells, zone) | {"form": form}
    return render(request, "mapping/overrides/field_note_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove(request: Request, slug: str, key: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """Remove a note, for its author and for the territory's coordinators."""
    territory = access.territory_for(request.viewer, slug)
    own = field_notes.removable(request.viewer).filter(territory__path__startswith=territory.path)
    field_notes.remove(get_object_or_404(own, pk=note))
    messages.success(request, _("The note was removed."))
    return redirect("mapping:notes", slug=slug, key=key)
