"""Who gives roles: duties that must be kept apart stay apart, and nobody helps themselves."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from o2c.core.models import User
from tests.conftest import person

pytestmark = pytest.mark.django_db


def page_of(user) -> str:
    return reverse("admin:core_user_change", args=[user.pk])


def save(client, user, *roles, rights=(), **fields):
    """Send the form of a user with these roles."""
    joined = user.date_joined
    return client.post(
        page_of(user),
        {
            "username": user.username,
            "groups": [Group.objects.get(name=role).pk for role in roles],
            "user_permissions": [right.pk for right in rights],
            "is_active": "on",
            **({"is_staff": "on"} if user.is_staff else {}),
            "date_joined_0": f"{joined:%Y-%m-%d}",
            "date_joined_1": f"{joined:%H:%M:%S}",
            **fields,
        },
    )


def roles_of(user) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_a_role_is_given(ada):
    user = person("sales clerk")

    assert save(ada, user, "billing clerk").status_code == 302

    assert roles_of(user) == {"billing clerk"}


def test_two_duties_that_must_not_meet_are_refused_by_name(ada):
    user = person("cash clerk")

    answer = save(ada, user, "cash clerk", "controller")

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "receivables.record_payment” and “receivables.approve_write_off” must not meet" in text
    assert roles_of(user) == {"cash clerk"}


def test_a_single_right_counts_like_a_role(ada):
    user = person("sales clerk")
    post = Permission.objects.get(codename="post_invoice", content_type__app_label="invoicing")

    assert "must not meet" in save(ada, user, "sales clerk", rights=[post]).content.decode()
    assert not user.user_permissions.exists()


def test_nobody_changes_their_own_rights(ada, admin_user):
    answer = save(ada, admin_user, "administrator", "auditor")

    assert "Nobody changes their own rights" in answer.content.decode()
    assert roles_of(admin_user) == {"administrator"}


def test_an_administrator_makes_no_superuser(ada, admin_user):
    user = person("sales clerk")

    save(ada, user, "sales clerk", is_superuser="on")
    save(ada, admin_user, "administrator", is_superuser="on")

    assert not User.objects.filter(is_superuser=True).exists()


def test_a_superuser_is_out_of_an_administrators_reach(ada):
    boss = User.objects.create_superuser("boss", password="as it was")

    assert save(ada, boss, is_active="").status_code == 403
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    new = {"password1": "taken-0ver!", "password2": "taken-0ver!"}
    assert ada.post(password, new).status_code == 403

    boss.refresh_from_db()
    assert boss.is_active
    assert boss.check_password("as it was")


def test_nobody_is_deleted(ada):
    user = person("sales clerk")

    assert ada.post(reverse("admin:core_user_delete", args=[user.pk])).status_code == 403
