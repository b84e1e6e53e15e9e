"""Who may sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person. Rights come from the groups, which are the roles of `o2c.rights`."""
