"""Read-only admin pages that list the stored reports without exact places, contacts or free text."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from needs.models import Aid, CitizenReport, Encounter, ImportRun, Need, Retraction, Tour


class LookOnly(admin.ModelAdmin):
    """Read-only admin. Fields are listed one by one, so that a new column stays hidden until somebody adds it."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tour)
class TourAdmin(LookOnly):
    list_display = ("at", "association", "mode", "walkers", "ended_at", "channel")
    list_filter = ("association", "mode", "channel")
    list_select_related = ("association",)
    fields = ("id", "association", "at", "ended_at", "mode", "walkers", "channel", "archive", "retracted_at")


@admin.register(Encounter)
class EncounterAdmin(LookOnly):
    list_display = ("at", "association", "persons", "contacts", "channel")
    list_filter = ("association", "channel")
    list_select_related = ("association",)
    fields = ("id", "association", "at", "filed_at", "persons", "contacts", "asked", "given", "channel", "retracted_at")


@admin.register(CitizenReport)
class CitizenReportAdmin(LookOnly):
    list_display = ("at", "persons", "with_account", "channel")
    list_filter = ("channel",)
    fields = ("id", "at", "filed_at", "persons", "with_account", "channel", "archive", "retracted_at")


@admin.register(Need)
class NeedAdmin(LookOnly):
    list_display = ("at", "kinds", "urgency", "state", "origin", "channel")
    list_filter = ("state", "urgency", "origin", "channel")
    fields = ("id", "at", "filed_at", "kinds", "urgency", "persons", "origin", "state", "state_at", "channel")


@admin.register(Aid)
class AidAdmin(LookOnly):
    list_display = ("at", "association", "contacts", "channel")
    list_select_related = ("association",)
    fields = ("id", "association", "at", "filed_at", "contacts", "given", "channel", "retracted_at")


@admin.register(Retraction)
class RetractionAdmin(LookOnly):
    list_display = ("at", "kind", "report")
    fields = ("id", "kind", "report", "at", "author", "reason")


@admin.register(ImportRun)
class ImportRunAdmin(LookOnly):
    list_display = ("started_at", "profile", "file_name", "association", "rows", "accepted", "repaired", "refused")
    list_select_related = ("association",)
    fields = (
        "profile", "file_name", "file_hash", "association", "started_at", "finished_at", "dry_run",
        "rows", "accepted", "repaired", "refused", "known", "notes",
    )  # fmt: skip
