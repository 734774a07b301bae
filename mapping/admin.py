"""Admin pages of the mapping app. These pages have no map widget, because a map widget would load tiles from a third
party."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import territory_cells
from mapping.models import CoverageSettings, Parameters, Recompute, Release
from volunteers.models import Territory


class CoverageSettingsInline(admin.StackedInline):
    """Coverage settings of a territory. Of the settings, only the field “nobody logs searches here” can be edited."""

    model = CoverageSettings
    fields = ("presence_only", "resolution", "m0", "model")
    readonly_fields = ("resolution", "m0", "model")
    can_delete = False


@admin.register(Territory)
class TerritoryAdmin(admin.ModelAdmin):
    """Territories have their own pages. Only “nobody logs searches here” is edited here."""

    list_display = ("name", "level", "path", "zoned", "expected_persons")
    list_filter = ("level", "zoned")
    search_fields = ("name", "slug")
    fields = ("name", "level", "path", "expected_persons", "count_kind", "counted_on", "count_source")
    readonly_fields = fields
    inlines = (CoverageSettingsInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParametersForm(forms.ModelForm):
    class Meta:
        model = Parameters
        fields = ("territory", "reason", "values")

    def clean_values(self) -> dict[str, float]:
        values = self.cleaned_data["values"]
        try:
            return Model.of(values).values()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise forms.ValidationError(
                _("These are not the model's parameters: %(error)s") % {"error": error}
            ) from error


class _UneditableAdmin(admin.ModelAdmin):
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Parameters)
class ParametersAdmin(_UneditableAdmin):
    """Versions are added and never edited, because each zone refers to the version with which it was computed."""

    form = ParametersForm
    list_display = ("__str__", "made_at", "author", "reason")
    autocomplete_fields = ("territory",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"values": Parameters.objects.in_force(None).values}

    def save_model(self, request: HttpRequest, obj: Parameters, form: forms.ModelForm, change: bool) -> None:
        newest = Parameters.objects.filter(territory=obj.territory).order_by("-version").first()
        obj.version = newest.version + 1 if newest else 1
        obj.author = request.user if request.user.is_authenticated else None
        super().save_model(request, obj, form, change)
        territory_cells.settle_after(obj.territory)


@admin.register(Release)
class ReleaseAdmin(_UneditableAdmin):
    list_display = ("audience", "as_of", "published_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Recompute)
class RecomputeAdmin(_UneditableAdmin):
    list_display = ("job", "started_at", "finished_at", "cells", "zones", "difference")
    list_filter = ("job",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
