import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")

_site = get_wsgi_application()  # after this, modules of apps can be imported
application = import_module("mapping.releases.public.public_files").release_ranges(_site)
