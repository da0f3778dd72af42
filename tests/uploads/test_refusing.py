"""Why a file is refused is said in the reader's language, though what reads files knows none."""

import pytest
from django.core.files.base import ContentFile

from tests.switchyard.pseudo import speak
from uploads.datasets import STUDENTS
from uploads.reading import look_at
from uploads.tables.delimited import OPEN_QUOTES
from uploads.tables.refusing import SAVE_AS_CSV, UnreadableFile


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", f"⟦This is a PDF document, not a CSV file.⟧ ⟦{SAVE_AS_CSV}⟧"),
        (
            b"number,name\n\x00,Lee\n",
            f"⟦This is not a CSV file: what row ⟧2⟦ holds is no text that we know.⟧ ⟦{SAVE_AS_CSV}⟧",
        ),
        (b'number,name\n17,"Lee', f"⟦{OPEN_QUOTES.format(row='⟧2⟦')}⟧"),
    ],
)
def test_why_a_file_is_refused_is_translated(
    content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch)
    with pytest.raises(UnreadableFile) as refused:
        look_at(ContentFile(content), dataset=STUDENTS)
    assert str(refused.value) == said
