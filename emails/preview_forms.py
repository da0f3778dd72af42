"""The forms of a mailing's preview: whose mail is shown, the test mail, the click that sends."""

from django import forms


class SendForm(forms.Form):
    """The click that sends: how many recipients the preview showed, and which version of the draft."""

    confirmed = forms.IntegerField(min_value=0)
    version = forms.CharField(max_length=64)


class ChooseForm(forms.Form):
    """Whose mail is looked at: the n-th recipient's, or that of the next one like what was typed."""

    mail = forms.IntegerField(required=False, min_value=1)
    search = forms.CharField(required=False, max_length=100)

    @property
    def number(self) -> int:
        """The number of the mail; that of the first where none was given."""
        return (self.is_valid() and self.cleaned_data["mail"]) or 1

    @property
    def search_words(self) -> str:
        """What was typed."""
        return str(self.cleaned_data["search"]) if self.is_valid() else ""


class TestForm(forms.Form):
    """The click that sends a test mail: a key made with the page."""

    key = forms.RegexField(r"^[0-9a-f]{32}$")
