"""URLs of the site. No URL ever contains a coordinate, a name or a telephone number."""

from allauth.account import views as entrance
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from mapping.out.home import views as start
from solidarity.lib.http.kept_pages import kept
from solidarity.lib.http.open_addresses import open_path
from solidarity.lib.languages import in_public_languages_without_account
from volunteers.people.sign_in.views import ConfirmAddressView, SignUpView
from volunteers.site.web_app import site_views as site
from volunteers.site.web_app import views as app

for view in (
    entrance.login, entrance.account_inactive, entrance.email_verification_sent, entrance.password_reset,
    entrance.password_reset_done, entrance.password_reset_from_key, entrance.password_reset_from_key_done,
):  # fmt: skip
    in_public_languages_without_account(view)
for view in (entrance.login, entrance.password_reset):
    kept(view)
_sign_up = kept(in_public_languages_without_account(SignUpView.as_view()))
_confirm_address = in_public_languages_without_account(ConfirmAddressView.as_view())

urlpatterns = [
    path("api/", include("needs.doors.api.urls")),  # first, because programs send many requests
    open_path("", start.home, name="home"),
    open_path("about/", start.about, name="about"),
    open_path("legal-notice/", site.legal_notice, name="legal_notice"),
    open_path(".well-known/security.txt", site.security_txt, name="security_txt"),
    open_path("health/", site.health, name="health"),
    open_path("i18n/setlang/", set_language, name="set_language"),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", _confirm_address, name="account_confirm_email"),
    path("accounts/signup/", _sign_up, name="account_signup"),
    path("accounts/", include("volunteers.people.openid.urls")),
    path("accounts/", include("allauth.urls")),
    path("me/", include("volunteers.urls")),
    open_path("worker.js", app.worker, name="worker"),
    open_path("push-worker.js", app.worker),  # old URL, where earlier versions look for updates
    open_path("app.webmanifest", app.manifest, name="manifest"),
    open_path("offline/", app.offline, name="offline"),
    path("territories/", include("volunteers.places.territories.urls")),
    path("associations/", include("volunteers.site.applications.urls")),
    path("people/", include("volunteers.site.people.urls")),
    path("places/", include("volunteers.places.place_names.urls")),
    path("guides/", include("volunteers.site.guides.urls")),
    path("", include("solidarity.ops.operation.urls")),
    path("first-start/", include("volunteers.site.first_start.urls")),
    path("set-up/", include("volunteers.site.setup_checklist.urls")),
    path("map/", include("mapping.urls")),
    path("calendar/", include("mapping.out.calendar_feeds.urls")),
    path("public/", include("mapping.map.releases.public.urls")),
    path("crisis-feeds/", include("mapping.out.crisis_feeds.urls")),
    path("", include("needs.urls")),
    path("open311/v2/", include("needs.doors.api.open311_urls")),
    *([open_path("styleguide/", site.styleguide, name="styleguide")] if settings.DEMO else []),
    path("admin/", admin.site.urls),
]
