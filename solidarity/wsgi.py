import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")

_site = get_wsgi_application()  # after it, modules of apps can be imported
_site = import_module("mapping.map.releases.public.public_files").release_ranges(_site)
application = import_module("mapping.map.live.repeated_tiles").repeated_tiles(_site)
