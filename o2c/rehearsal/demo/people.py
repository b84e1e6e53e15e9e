"""One person per role, and how a newcomer signs in as each of them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.models import User


@dataclass(frozen=True)
class Person:
    """A user to be, with a hint what is worth a look in that role."""

    username: str
    first_name: str
    last_name: str
    role: str
    look_at: str

    @property
    def password(self) -> str:
        return f"demo-{self.username}"


PEOPLE = [
    Person("clara", "Clara", "Behrens", "sales clerk", "Orders: drafts, and one to review"),
    Person("chris", "Chris", "Adomeit", "credit manager", "Credit checks that hold orders"),
    Person("pablo", "Pablo", "Ruiz", "warehouse picker", "Pick lists ready to pick"),
    Person("shirin", "Shirin", "Tehrani", "shipping clerk", "Shipments ready to ship, returns"),
    Person("bilal", "Bilal", "Yıldız", "billing clerk", "Invoice drafts to post"),
    Person("cora", "Cora", "Jensen", "collector", "Aging, dunning, a dispute, a promise"),
    Person("carlo", "Carlo", "Brandt", "cash clerk", "Bank lines waiting to be applied"),
    Person("corinna", "Corinna", "Albers", "controller", "Credit notes and write-offs to approve"),
    Person("aude", "Aude", "Lefèvre", "auditor", "Everything, read only; verification"),
    Person("ada", "Ada", "Winter", "administrator", "Admin: users, masters, stuck work"),
]
BOSS = "ada"
Staff = dict[str, Any]


@command
def hire(*, actor: Actor) -> Staff:
    """Make everybody, by username. Nobody can sign in yet."""
    staff: Staff = {}
    groups = {group.name: group for group in Group.objects.all()}
    for person in PEOPLE:
        user = User(
            username=person.username,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.username}@nordlicht.example",
            is_staff=person.username == BOSS,
        )
        user.set_unusable_password()
        user.save()
        user.groups.add(groups[person.role])
        staff[person.username] = user
    return staff


@command
def hand_out_keys(staff: Staff, *, actor: Actor) -> None:
    """Give everybody a password, as the last step: who can sign in finds the story complete.

    The passwords are printed for all to see, so a costly hash would protect nothing and cost a
    newcomer seconds; Django makes a strong one at the first sign-in.
    """
    hasher = PBKDF2PasswordHasher()
    for person in PEOPLE:
        user = staff[person.username]
        user.password = hasher.encode(person.password, hasher.salt(), iterations=1000)
    User.objects.bulk_update(staff.values(), ["password"])


def is_ready() -> bool:
    """Whether the demo was carried through to its end."""
    boss = User.objects.filter(username=BOSS).first()
    return boss is not None and boss.has_usable_password()


def logins() -> str:
    """The table of logins: role, user name, password, what to look at first."""
    head = (_("Role"), _("User name"), _("Password"), _("Look at first"))
    rows = [head, *((p.role, p.username, p.password, p.look_at) for p in PEOPLE)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )
