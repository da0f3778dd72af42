"""The forms that take a data file and begin its import."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.files import uploaded_name
from jobs.models import Person, School
from jobs.scanning import require_clean
from jobs.settings import switchyard
from jobs.signatures import NotTaken
from uploads.datasets import DATASETS, STUDENTS, Dataset
from uploads.looking import look_into
from uploads.tables.refusing import UnreadableFile

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xlsm,.xlsb,.xls,.ods,.zip,text/csv"


class UploadForm(forms.Form):
    """A data file; what is wrong with the file as a whole is said at once."""

    dataset = forms.ChoiceField(
        choices=[(name, gettext_lazy(dataset.label)) for name, dataset in DATASETS.items()],
        required=False,
        widget=forms.HiddenInput,
    )
    file = forms.FileField(
        label=gettext_lazy("CSV file or workbook"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        allow_empty_file=True,  # to name it in the sentence below
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet of the workbook"),
        max_length=100,
        required=False,
        help_text=gettext_lazy(
            "Only for a workbook with several sheets; without it, the first one that holds something."
        ),
    )
    needs_all = forms.BooleanField(
        label=gettext_lazy("Import nothing while a row is wrong"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise the good rows can be imported, and the wrong ones corrected later."
        ),
    )
    wants_mail = forms.BooleanField(
        label=gettext_lazy("Mail me once it is checked, and once it is imported"),
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self, *args: Any, school: School, by: Person, dataset: Dataset = STUDENTS, **kwargs: Any
    ) -> None:
        """Say in the help how large a file may be."""
        super().__init__(*args, **kwargs)
        self._dataset, self._school, self._by = dataset, school, by
        most = switchyard().files.upload_megabytes
        self.fields["dataset"].initial = dataset.name
        missing = _("Choose a CSV file of {dataset}. A workbook will do too.").format(
            dataset=_(dataset.label)
        )
        self.fields["file"].error_messages["required"] = missing
        self.fields["file"].help_text = _(
            "Up to {most:g} MB: CSV with commas, semicolons, tabs or bars between the cells, Excel, ODS, "
            "or a ZIP file of one CSV file. Nothing is imported yet: you see first what would change."
        ).format(most=most)

    def clean_dataset(self) -> str:
        """Return the name of the dataset."""
        return self._dataset.name

    def clean(self) -> dict[str, Any]:
        """Look into the file; what is wrong with it is said beside its field."""
        cleaned = self.cleaned_data
        if file := cleaned.get("file"):
            try:
                require_clean(file, name=uploaded_name(file), school=self._school, by=self._by)
                cleaned["look"] = look_into(file, dataset=self._dataset, sheet=cleaned.get("sheet", ""))
            except (UnreadableFile, NotTaken) as error:
                self.add_error("file", str(error))
        return cleaned


class ImportForm(forms.Form):
    """The click that imports: whether the rows that look like another person are taken too."""

    others = forms.BooleanField(required=False)
