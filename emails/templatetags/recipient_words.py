"""Words about recipients that their records do not carry themselves."""

from django import template
from django.utils.translation import gettext as _

from emails import recipient_lists
from emails.models import Recipient, RecipientState

register = template.Library()

BADGES = (
    (RecipientState.REFUSED.label, "failed"),
    (RecipientState.UNCERTAIN.label, "problems"),
    (RecipientState.BOUNCED.label, "problems"),
    (RecipientState.COMPLAINED.label, "problems"),
    (RecipientState.SUPPRESSED.label, "stopped"),
    (RecipientState.SENDING.label, "working"),
    (recipient_lists.NOT_SENT, "stopped"),
)
"""Of other words the badge is that of what waits."""


@register.filter
def state_words(recipient: Recipient, is_at_rest: bool) -> str:  # noqa: FBT001 - a filter's argument
    """Return what pages call the state of `recipient`, whose job is at rest or not."""
    return recipient_lists.state_words(recipient, is_at_rest=is_at_rest)


@register.filter
def without_left_out(words: str) -> str:
    """Return why somebody was left out, where the page says already that they were."""
    return words.removeprefix(_("Left out: "))


@register.filter
def state_badge(words: str) -> str:
    """Return which badge goes with the `words` of a state."""
    return next((badge for label, badge in BADGES if str(label) == words), "waiting")
