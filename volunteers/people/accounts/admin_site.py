"""The admin site. The admin site uses the common sign-in page, asks for reauthentication before every change, and
writes to the audit log."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme

from volunteers.people.accounts import reauthentication
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

ELSEWHERE = ("auth", "mfa", "socialaccount", "usersessions")
"""Apps whose tables are unused, or have pages of their own (volunteers.site.people, factor_reset, volunteers.people.openid)."""


class Site(admin.AdminSite):
    """Django's admin site, without the tables that have pages of their own. People without access get 404, and so does
    everybody unless SOLIDARITY_DJANGO_ADMIN is on."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        given = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        models = [model for model in given if model._meta.app_label not in ELSEWHERE]
        super().register(models, admin_class, **options)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the common sign-in page, because Django's own form would not ask for the second factor."""
        if not settings.DJANGO_ADMIN:
            raise Http404
        if request.user.is_authenticated and not self.has_permission(request):
            raise Http404
        next_page = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index", current_app=self.name)
        if not url_has_allowed_host_and_scheme(next_page, {request.get_host()}, require_https=request.is_secure()):
            next_page = reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            return redirect(next_page)
        return redirect_to_login(next_page)

    def get_urls(self) -> list[Any]:
        """Return the addresses. Each view checks the reader itself: 404, or the common sign-in page."""

        def opened(patterns: Iterable[Any]) -> None:
            for each in patterns:
                if hasattr(each, "url_patterns"):
                    opened(each.url_patterns)
                elif getattr(each.callback, "login_required", True):
                    each.callback.login_required = False

        found: list[Any] = super().get_urls()
        opened(found)
        return found

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @functools.wraps(guarded)
        def fresh(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not settings.DJANGO_ADMIN:
                raise Http404
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            if request.method == "POST" and self.has_permission(request):
                reauthentication.require(request)
            return guarded(request, *args, **kwargs)

        return fresh


def write_down(instance: LogEntry, created: bool, **_more: Any) -> None:
    """Record an administrator's change in the audit log: the kind of row that was changed, but not its content."""
    if created:
        kind = str(instance.content_type.model if instance.content_type else "")[:24]
        flag = {1: "added", 2: "changed", 3: "deleted"}.get(instance.action_flag, "")
        recording.record(
            instance.user, Verb.ADMINISTERED, kind, instance.object_id, purpose=Purpose.ADMINISTRATION,
            details={"action": flag},
        )  # fmt: skip
