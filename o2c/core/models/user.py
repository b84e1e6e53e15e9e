"""Who may sign in."""

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _

from o2c.core import codes


class User(AbstractUser):
    """A person. Rights come from the groups, which are the roles of `o2c.rights`."""

    class Meta(AbstractUser.Meta):
        constraints = [
            codes.once(
                "core_user_username_once",
                field="username",
                sentence=_("This user name is in use, perhaps in other capitals."),
            )
        ]
