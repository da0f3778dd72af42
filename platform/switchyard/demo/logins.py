"""The demo logins, readable without Django: `make run` prints them."""

from dataclasses import dataclass

PASSWORD = "switchyard-demo"  # noqa: S105  made for the demo alone, which refuses to load elsewhere
"""The password of every demo login."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """Someone who can sign in to the demo."""

    email: str
    name: str
    role: str
    """One of `jobs.models.Role`."""
    school: str = ""
    """The school's slug; empty for people of the platform."""
    may: str
    """What the person may do, in a few words."""


LOGINS = (
    Login(
        email="staff@northfield.example",
        name="Dana Whitfield",
        role="staff",
        school="northfield",
        may="works for Northfield University",
    ),
    Login(
        email="sender@northfield.example",
        name="Priya Anand",
        role="sender",
        school="northfield",
        may="drafts mailings there, which others send",
    ),
    Login(
        email="approver@northfield.example",
        name="Tom Adeyemi",
        role="approver",
        school="northfield",
        may="sends what others drafted there",
    ),
    Login(
        email="auditor@northfield.example",
        name="Carla Nunes",
        role="auditor",
        school="northfield",
        may="looks at everything there and changes nothing",
    ),
    Login(
        email="staff@lakeside.example",
        name="Ruth Okafor",
        role="staff",
        school="lakeside",
        may="works for Lakeside College",
    ),
    Login(
        email="ops@switchyard.example", name="Omar Lindqvist", role="ops", may="sees the ops page and Flower"
    ),
    Login(
        email="admin@switchyard.example",
        name="Ines Marchetti",
        role="admin",
        may="changes the settings, sees the ops page, Flower and Django's admin",
    ),
)
