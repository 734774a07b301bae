"""The whole site with one more view, which returns an empty page: the reference for the speed of pages.

granian starts this module instead of ``solidarity.wsgi``.
"""

from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from solidarity.wsgi import application as application

PATH = "health/empty/"


def empty(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _add() -> None:
    """Put the view behind all middleware, before the site's own addresses. It needs the settings of ``application``."""
    import_module(settings.ROOT_URLCONF).urlpatterns.insert(0, path(PATH, empty))


_add()
