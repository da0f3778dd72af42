"""What `make run` prints last."""

from switchyard.demo.logins import LOGINS, PASSWORD
from switchyard.yard.choices import Choices


def welcome(*, choices: Choices, seconds: float) -> str:
    """Return the addresses and the demo logins; `seconds` is how long the start took."""
    width = max(len(login.email) for login in LOGINS)
    logins = "\n".join(f"  {login.email:<{width}}  {login.may}" for login in LOGINS)
    return f"""
Switchyard is ready after {seconds:.1f} s.

  Platform  {choices.home}
{_mail(choices)}
  Lanes     {choices.home}ops/
  Flower    {choices.home}ops/flower/
  Status    {choices.home}status/  for everybody, without sign-in

Sign in with the password {PASSWORD} as

{logins}

Logs: {choices.logs}
Ctrl-C ends all of it; the data stays.
"""


def _mail(choices: Choices) -> str:
    if host := choices.relay.get("MAIL_RELAY_HOST"):
        return f"  Mail      leaves by {host}, sign-in codes too: nothing is caught here"
    return f"  Mailbox   {choices.home}mailbox/  every mail that leaves is caught here"
