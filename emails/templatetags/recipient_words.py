"""Words about recipients that their records do not carry themselves."""

from django import template

from emails import recipient_lists
from emails.models import Recipient

register = template.Library()


@register.filter
def state_words(recipient: Recipient, is_at_rest: bool) -> str:  # noqa: FBT001 - a filter's argument
    """Return what pages call the state of `recipient`, whose job is at rest or not."""
    return recipient_lists.state_words(recipient, is_at_rest=is_at_rest)
