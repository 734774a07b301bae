"""The administration: only what no page does, and every label translated."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.test import Client
from django.utils.functional import Promise
from django.utils.translation import override, trans_real
from pytest_django import Settings

from tests.support import Cast, SignedIn
from volunteers.models import User


@pytest.fixture(autouse=True)
def _stock_admin(settings: Settings) -> None:
    settings.DJANGO_ADMIN = True


def _labels() -> Iterator[tuple[str, Any]]:
    """Yield the labels of tables and fields that the administration shows."""
    site = admin.site
    for model, page in site._registry.items():
        yield model._meta.label, model._meta.verbose_name_plural
        shown = {*page.list_display, *(page.fields or ()), *page.list_filter}
        parts: list[tuple[Any, Any]] = [(model, shown)]
        for inline in page.inlines:
            fields = inline.fields or [each.name for each in inline.model._meta.fields if each.editable]
            parts.append((inline.model, fields))
        for owner, names in parts:
            for name in names:
                try:
                    field = owner._meta.get_field(name)
                except FieldDoesNotExist:
                    continue
                if not field.primary_key:
                    yield f"{owner._meta.label}.{name}", field.verbose_name


def test_every_label_is_translated() -> None:
    labels = dict(_labels())
    assert len(labels) > 50
    assert [name for name, label in labels.items() if not isinstance(label, Promise)] == []
    french: Any = trans_real.translation("fr")
    with override("en"):
        english = {name: str(label) for name, label in labels.items()}
    assert [
        name for name, text in english.items() if french.gettext(text) == text and text not in french._catalog
    ] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table",
    [
        "mfa/authenticator",
        "usersessions/usersession",
        "volunteers/assignment",
        "volunteers/block",
        "auth/group",
        "socialaccount/socialapp",
        "socialaccount/socialaccount",
        "volunteers/sitedetails",
    ],
)
def test_a_table_with_a_page_of_its_own_is_not_in_the_administration(
    table: str, cast: Cast, signed_in: SignedIn
) -> None:
    assert signed_in(cast.farid).get(f"/admin/{table}/").status_code == 404


@pytest.mark.django_db
def test_the_administration_blocks_nobody_because_its_page_also_gives_back_what_they_hold(
    cast: Cast, signed_in: SignedIn
) -> None:
    client: Client = signed_in(cast.farid)
    address = f"/admin/volunteers/user/{cast.alice.pk}/change/"
    assert client.post(address, {"email": cast.alice.email, "display_name": "Alice"}).status_code == 302
    assert User.objects.get(pk=cast.alice.pk).is_active


@pytest.mark.django_db
def test_the_administration_takes_no_logo_because_it_would_not_be_redrawn(cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.farid).get(f"/admin/volunteers/association/{cast.maraude.pk}/change/").content.decode()
    assert 'name="about"' in page
    assert 'name="logo"' not in page
