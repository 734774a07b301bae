"""The Celery application. The schedule of Celery beat is in the settings."""

import os

from celery import Celery

from solidarity.lib.database.broker_watch import BrokerWatch, Consumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")

app = Celery("solidarity")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(BrokerWatch)
app.conf.worker_consumer = f"{Consumer.__module__}:{Consumer.__name__}"
app.Task.Request = "solidarity.lib.database.confirmed_request:ConfirmedRequest"
