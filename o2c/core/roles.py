"""Roles are Django groups; this makes the groups what a table of rights says they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

#: Two rights that must not meet in one person; the roof says which.
Pair = tuple[str, str]
_forbidden: list[Pair] = []


def sync_roles(rights: Mapping[str, Sequence[str]]) -> None:
    """Create every role of rights (role -> `app.codename`s) and give it exactly its rights.

    Permissions that no model declares (the verbs) are created on the content type of the app's
    own name, so that Django admin lists them too.
    """
    permissions = _permissions({right for granted in rights.values() for right in granted})
    for role, granted in rights.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions[right] for right in granted)


def set_forbidden_pairs(pairs: Iterable[Pair]) -> None:
    """Say which duties are kept apart. Called by the roof when it is ready."""
    _forbidden[:] = pairs


def forbidden_together(groups: Iterable[Group], rights: Iterable[Permission]) -> list[Pair]:
    """The forbidden pairs that somebody with these groups and rights would hold."""
    found = Permission.objects.filter(
        Q(group__in=list(groups)) | Q(pk__in=[right.pk for right in rights])
    ).values_list("content_type__app_label", "codename")
    held = {f"{app}.{codename}" for app, codename in found}
    return [pair for pair in _forbidden if held.issuperset(pair)]


def roles_with(*rights: str) -> dict[str, list[str]]:
    """Right -> the names of the roles that hold it, for whoever misses it."""
    held = Group.objects.filter(
        permissions__codename__in={right.partition(".")[2] for right in rights}
    ).values_list("permissions__content_type__app_label", "permissions__codename", "name")
    holders: dict[str, list[str]] = {}
    for app, codename, role in held.order_by("name"):
        if f"{app}.{codename}" in rights:
            holders.setdefault(f"{app}.{codename}", []).append(role)
    return holders


def _permissions(rights: Collection[str]) -> dict[str, Permission]:
    """Right -> its permission; those that are missing are made."""
    codenames = {right.partition(".")[2] for right in rights}
    found: dict[str, Permission] = {}
    for permission in Permission.objects.filter(codename__in=codenames).select_related(
        "content_type"
    ):
        app = permission.content_type.app_label
        found.setdefault(f"{app}.{permission.codename}", permission)
    missing = [right.split(".") for right in sorted(set(rights) - set(found))]
    types = {
        app: ContentType.objects.get_or_create(app_label=app, model="right")[0]
        for app in sorted({app for app, _codename in missing})
    }
    made = Permission.objects.bulk_create(
        Permission(
            content_type=types[app],
            codename=codename,
            name=codename.replace("_", " ").capitalize(),
        )
        for app, codename in missing
    )
    return found | {f"{one.content_type.app_label}.{one.codename}": one for one in made}
