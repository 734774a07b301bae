"""The newest Protomaps build: one archive of the whole world, made daily from OpenStreetMap."""

import json
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings

from volunteers.places.basemap.byte_sources import TIMEOUT
from volunteers.places.basemap.problems import Problem, StreetMapError

_MOST = 4 * 1024 * 1024  # maximum size of the list in bytes


def newest() -> str:
    """Return the address of the build to read: BASEMAP_BUILDS itself if it names one, else the newest of the list.

    Raise StreetMapError if the list cannot be read.
    """
    folder = str(settings.BASEMAP_BUILDS)
    if folder.endswith(".pmtiles"):
        return folder
    address = str(settings.BASEMAP_BUILDS_LIST)
    host = urlsplit(address).hostname or address
    try:
        with requests.get(address, timeout=TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            text = next(answer.iter_content(_MOST), b"")
        builds = json.loads(text)
        # A name begins with its date, so the last in order is the newest.
        names = [name for build in builds if (name := str(build["key"])).endswith(".pmtiles") and "/" not in name]
    except requests.HTTPError as error:
        raise StreetMapError(Problem.NO_BUILD, host=host) from error
    except (OSError, requests.RequestException) as error:
        raise StreetMapError(Problem.UNREACHABLE, host=host) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StreetMapError(Problem.NO_BUILD, host=host) from error
    if not names:
        raise StreetMapError(Problem.NO_BUILD, host=host)
    return urljoin(folder.rstrip("/") + "/", max(names))
