from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Tools around the product, without models or pages."""

    name = "solidarity.ops"
    label = "ops"
