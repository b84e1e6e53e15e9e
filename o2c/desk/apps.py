from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DeskConfig(AppConfig):
    """The roof: when it is ready every stage is, so the flow is wired and checked here."""

    name = "o2c.desk"
    label = "desk"

    def ready(self) -> None:
        from o2c import flow, rights, web
        from o2c.core import roles
        from o2c.desk import related, trace
        from o2c.web import shell

        flow.wire()
        roles.set_forbidden_pairs(rights.FORBIDDEN_PAIRS)
        web.set_chain_provider(trace.chain, trace.next_stop)
        web.set_related_provider(related.related)
        shell.set_company_name(company_name)
        # Django tells apps with models only, and the roof has none.
        core = apps.get_app_config("core")
        post_migrate.connect(rights.write_rights, sender=core, dispatch_uid="o2c.rights")


def company_name() -> str:
    """Whose books these are, for the top bar."""
    from o2c.masters.models import Company

    return Company.objects.values_list("name", flat=True).first() or "O2C"
