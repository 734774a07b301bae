from typing import cast

from django.contrib import admin
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from volunteers.models import Association, Membership, User
from volunteers.territories import duties


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Association)
class AssociationAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "website")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        """Save the memberships; duties in territories follow the roles."""
        super().save_formset(request, form, formset, change)
        touched = [*formset.new_objects, *(row for row, _fields in formset.changed_objects), *formset.deleted_objects]
        for person in {row.user for row in touched if isinstance(row, Membership)}:
            duties.follow_role(person, cast("User", request.user))


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "display_name", "is_active", "is_staff")
    search_fields = ("email", "display_name")
    fields = ("email", "display_name", "is_active", "is_staff", "is_superuser")
