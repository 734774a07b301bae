from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Tools around the product; it has no models and no pages."""

    name = "solidarity.ops"
    label = "ops"
