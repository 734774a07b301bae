from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Tools around the product, and probes of the running site."""

    name = "solidarity.ops"
    label = "ops"

    def ready(self) -> None:
        from solidarity.ops.operation import deploy_checks, process_marks, setup_items

        deploy_checks.register()
        process_marks.connect()
        setup_items.register()
