"""Pages of lending: the catalogue, one item, my things, adding and changing them, wishes."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.conversations.moderation.writing_pauses import writes
from needs.help.nearby import nearby
from needs.help.records.refusals import Refused
from needs.models import Item, ItemPhoto, Wish
from needs.neighbours.lending import catalogue, distance_bands, item_changes, stock, wishes
from needs.neighbours.lending.catalogue import Start, TooManyStarts
from needs.neighbours.lending.forms import (
    ItemChangeForm,
    ItemForm,
    ItemPhotoForm,
    NearThingsForm,
    NearWishesForm,
    WishForm,
)
from needs.neighbours.lending.lending_refusals import LendingRefused
from solidarity.lib import grid
from volunteers.models import Association, Profile
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import areas


def near_filter[F: NearThingsForm](request: Request, form: type[F]) -> F:
    """Return the filter of a list of things near the reader."""
    return form(
        request.GET,
        areas=areas.areas_for(request.viewer),
        has_base=nearby.base_cell(request.user) is not None,
    )


def start_or_none(request: Request, area: str) -> tuple[Start | None, bool]:
    """Return the start of the reader's search, and whether they have started from too many places today."""
    try:
        return catalogue.start_of(request.viewer, area), False
    except TooManyStarts:
        return None, True


def far_from_reader(request: Request, cell: int) -> str:
    """Return the distance band between the reader's usual start and a cell; "" if it is unknown or too far."""
    start, _refused = start_or_none(request, "")
    band = distance_bands.band_between(start.cell, cell) if start else None
    return str(distance_bands.LABELS[band]) if band is not None else ""


def base_place(request: Request) -> dict[str, float]:
    """Return the centre of the cell from which the reader starts, as the first place of a form; {} without a cell."""
    base = Profile.objects.filter(user=request.user).values_list("base", flat=True).first()
    return {"latitude": round(base.y, 5), "longitude": round(base.x, 5)} if base else {}


def cell_place(cell: int) -> dict[str, float]:
    """Return the centre of a cell as the first place of a form."""
    latitude, longitude = grid.centre(cell)
    return {"latitude": round(latitude, 5), "longitude": round(longitude, 5)}


@require_safe
def items(request: Request) -> HttpResponse:
    """The catalogue: things that others lend, the nearest first."""
    form = near_filter(request, NearThingsForm)
    wanted = form.wanted
    start, refused = start_or_none(request, form.chosen_area)
    number = request.GET.get("page", "")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    found = catalogue.search(request.user, start.cell, wanted, page) if start else None
    filters = {name: value for name, value in form.data.items() if name in form.fields and value}
    context = {
        "form": form, "found": found, "refused": refused, "filtered": len(filters), "filters": urlencode(filters),
        "category": wanted.category,
    }  # fmt: skip
    return render(request, "needs/lending/catalogue.html", context, status=429 if refused else 200)


@require_safe
def item(request: Request, thing: uuid.UUID) -> HttpResponse:
    """One item, with its photos and its distance from the reader's usual start."""
    return show_item(request, get_object_or_404(catalogue.visible_to(request.user), pk=thing))


def show_item(request: Request, found: Item, photo_form: ItemPhotoForm | None = None) -> HttpResponse:
    mine = Item.objects.of(request.user).filter(pk=found.pk).exists()
    context = {
        "item": found, "mine": mine, "photos": list(found.photos.all()), "photo_form": photo_form or ItemPhotoForm(),
        "far": "" if mine else far_from_reader(request, found.cell),
        "level": stock.level_of(found) if mine and found.association_id else None,
        "more_photos": mine and found.photos.count() < item_changes.MOST_PHOTOS,
    }  # fmt: skip
    return render(request, "needs/lending/item.html", context, status=400 if photo_form else 200)


@require_safe
def mine(request: Request) -> HttpResponse:
    """Show the reader's things to lend, their wishes, and the stocks of their associations."""
    own = Item.objects.of(request.user).filter(owner=request.user).prefetch_related("photos").order_by("-made_at")
    context = {
        "items": own,
        "wishes": Wish.objects.of(request.user).open(timezone.now()).select_related("association").order_by("-made_at"),
        "associations": Association.objects.of(request.user),
    }
    return render(request, "needs/lending/my_items.html", context)


def new_item(request: Request) -> HttpResponse:
    """Add an item of the reader, or to the stock of one of their associations."""
    own = list(Association.objects.of(request.user))
    if request.method != "POST":
        given = {name: request.GET.get(name, "") for name in ("category", "association")}
        form = ItemForm(associations=own, initial={"id": uuid.uuid4(), **given, **base_place(request)})
        return _item_form(request, form)
    too_large = "photo" in getattr(request, "too_large", ())
    form = ItemForm(request.POST, request.FILES, associations=own, too_large=too_large)
    if not form.is_valid():
        return _item_form(request, form, 400)
    try:
        made = item_changes.add(form.draft, request.user, form.owner, form.minted)
        if form.cleaned_data["photo"] and not made.photos.exists():
            item_changes.add_photo(made, form.cleaned_data["photo"])
    except (Refused, LendingRefused) as refused:
        form.add_error(None, refused.words)
        return _item_form(request, form, 409)
    messages.success(request, _("Thank you. Others can find it now. Nobody sees your name or your address."))
    return redirect("needs:item", made.pk)


def _item_form(request: Request, form: ItemForm, status: int = 200, changed: Item | None = None) -> HttpResponse:
    context = {"form": form, "item": changed, "open_map": not form["latitude"].value()}
    return render(request, "needs/lending/item_form.html", context, status=status)


def own_item(request: Request, thing: uuid.UUID) -> Item:
    """Return an item that the reader answers for. Raises Http404 for items of other people."""
    return get_object_or_404(Item.objects.of(request.user).select_related("association"), pk=thing)


@writes
def change_item(request: Request, thing: uuid.UUID) -> HttpResponse:
    """Change an item."""
    own = own_item(request, thing)
    if request.method != "POST":
        names = ("category", "name", "about", "condition", "quantity", "minimum")
        initial = {name: getattr(own, name) for name in names} | cell_place(own.cell)
        return _item_form(request, ItemChangeForm(association=own.association, initial=initial), changed=own)
    form = ItemChangeForm(request.POST, association=own.association)
    if not form.is_valid():
        return _item_form(request, form, 400, own)
    try:
        item_changes.change(own, form.draft, request.user)
    except LendingRefused as refused:
        form.add_error("quantity", refused.words)
        return _item_form(request, form, 409, own)
    messages.success(request, _("Saved."))
    return redirect("needs:item", own.pk)


@require_POST
def list_item(request: Request, thing: uuid.UUID) -> HttpResponse:
    """Show an item in the catalogue, or pause it."""
    own, listed = own_item(request, thing), request.POST.get("listed") == "1"
    item_changes.list_item(own, listed=listed)
    messages.success(
        request, _("Others can find it again.") if listed else _("Paused: nobody finds it until you show it again.")
    )
    return redirect("needs:item", own.pk)


@require_POST
def remove_item(request: Request, thing: uuid.UUID) -> HttpResponse:
    """Remove an item; the message offers to undo it."""
    own = own_item(request, thing)
    at = item_changes.remove(own)
    offering.offer(request, _("Removed from the catalogue."), "remove-item", own.pk, at.isoformat())
    return redirect("needs:stock", own.association.slug) if own.association else redirect("needs:my_items")


@require_POST
def add_photo(request: Request, thing: uuid.UUID) -> HttpResponse:
    """Add a photo of an item."""
    own = own_item(request, thing)
    form = ItemPhotoForm(request.POST, request.FILES, too_large="photo" in getattr(request, "too_large", ()))
    if not form.is_valid():
        return show_item(request, own, form)
    try:
        item_changes.add_photo(own, form.cleaned_data["photo"])
    except LendingRefused as refused:
        messages.warning(request, refused.words)
    return redirect("needs:item", own.pk)


@require_POST
def remove_photo(request: Request, thing_photo: uuid.UUID) -> HttpResponse:
    """Delete a photo of the reader's item."""
    found = get_object_or_404(ItemPhoto, pk=thing_photo, item__in=Item.objects.of(request.user))
    found.delete()
    return redirect("needs:item", found.item_id)


@require_safe
def photo(request: Request, thing_photo: uuid.UUID) -> HttpResponse:
    """Send a photo of an item whose page the reader may open. Photos have no public address."""
    found = get_object_or_404(ItemPhoto, pk=thing_photo, item__in=catalogue.visible_to(request.user).values("pk"))
    try:
        with found.image.open("rb") as file:
            response = HttpResponse(file.read(), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- wishes -------------------------------------------------------------------------------------------------------------


@require_safe
def wish_list(request: Request) -> HttpResponse:
    """Show the reader's wishes with the things that answer them, and other people's wishes nearby."""
    form = near_filter(request, NearWishesForm)
    start, refused = start_or_none(request, form.chosen_area)
    own = Wish.objects.of(request.user).open(timezone.now()).select_related("association").order_by("-made_at")
    context = {
        "own": [(wish, _answers(wish)) for wish in own],
        "near": wishes.near(request.user, start.cell, form.wanted.category) if start else [],
        "form": form, "start": start, "refused": refused,
    }  # fmt: skip
    return render(request, "needs/lending/wishes.html", context, status=429 if refused else 200)


def _answers(wish: Wish) -> list[Item]:
    """Return the newest three things that answer a wish."""
    return list(
        wishes.answers(wish).select_related("association").prefetch_related("photos").order_by("-listed_at")[:3]
    )


def new_wish(request: Request) -> HttpResponse:
    """Look for something."""
    own = list(Association.objects.of(request.user))
    if request.method != "POST":
        given = {"id": uuid.uuid4(), "category": request.GET.get("category", ""), **base_place(request)}
        return _wish_form(request, WishForm(associations=own, initial=given))
    form = WishForm(request.POST, associations=own)
    if not form.is_valid():
        return _wish_form(request, form, 400)
    data = form.cleaned_data
    try:
        wishes.make(
            request.user, data["category"], form.cell, form.until,
            text=data["text"], alert=data["alert"], association=form.owner, key=form.minted,
        )  # fmt: skip
    except (Refused, LendingRefused) as refused:
        form.add_error(None, refused.words)
        return _wish_form(request, form, 409)
    messages.success(request, _("Saved. People near you see what is looked for, but not by whom."))
    return redirect("needs:wishes")


def _wish_form(request: Request, form: WishForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "open_map": not form["latitude"].value()}
    return render(request, "needs/lending/wish_form.html", context, status=status)


@require_POST
def close_wish(request: Request, wish: uuid.UUID) -> HttpResponse:
    """Close a wish; the message offers to undo it."""
    own = get_object_or_404(Wish.objects.of(request.user), pk=wish)
    at = wishes.close(own)
    offering.offer(request, _("You no longer look for it."), "close-wish", own.pk, at.isoformat())
    return redirect("needs:wishes")
