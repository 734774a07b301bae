from typing import cast

from django.contrib import admin
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from volunteers.enums import Role
from volunteers.models import Association, Membership, User
from volunteers.places.territories import duties


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Association)
class AssociationAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "website")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "website", "about", "contact")  # a logo is redrawn before it is stored (profile page)
    inlines = (MembershipInline,)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        """Save the memberships, and adapt the duties in territories to the new roles."""
        super().save_formset(request, form, formset, change)
        changed = [row for row, fields in formset.changed_objects if {"role", "left_at", "user"} & set(fields)]
        new = [row for row in formset.new_objects if row.role == Role.DISPATCHER]
        for person in {row.user for row in (*new, *changed, *formset.deleted_objects)}:
            duties.follow_role(person, cast("User", request.user))


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts. Administrators block accounts on another page (volunteers.site.people), which also ends sessions and
    commitments, and name and remove administrators on a page that tells all of them."""

    list_display = ("email", "display_name", "is_active", "is_staff")
    search_fields = ("email", "display_name")
    fields = ("email", "display_name", "is_active", "is_staff", "is_superuser")
    readonly_fields = ("is_active", "is_staff", "is_superuser")
