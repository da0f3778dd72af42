"""The yard's mailbox: newest mails first, cheap, and harmless to open."""

import mailbox
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from switchyard.pages import mailbox as mailbox_folder


def caught(folder: Path, *, subject: str = "Your code", attachment_name: str = "") -> str:
    message = EmailMessage()
    message["From"] = "careers@switchyard.example"
    message["To"] = "sam@northfield.example"
    message["Subject"] = subject
    message["Date"] = "Tue, 03 Nov 2026 10:42:00 +0000"
    message.set_content("Your code is 123 456.")
    if attachment_name:
        message.add_attachment(
            b"%PDF-1.7 not really", maintype="application", subtype="pdf", filename=attachment_name
        )
    return mailbox.Maildir(folder).add(message)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.MAIL_CATCHER_FOLDER = str(tmp_path / "mail")
    mailbox.Maildir(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.mark.django_db
class TestPages:
    """What a person in the yard sees."""

    def test_mailbox_lists_subject_and_recipient_without_sign_in(self, client: Client, folder: Path) -> None:
        caught(folder, subject="Jobs <b>fair</b>")
        page = client.get("/mailbox/").content.decode()
        assert "Jobs &lt;b&gt;fair&lt;/b&gt;" in page
        assert "sam@northfield.example" in page
        assert "test mailbox" in page.lower()

    @pytest.mark.usefixtures("folder")
    def test_empty_mailbox_says_so(self, client: Client) -> None:
        assert "No mail yet" in client.get("/mailbox/").content.decode()

    def test_mail_shows_its_text_and_offers_its_attachment(self, client: Client, folder: Path) -> None:
        name = caught(folder, attachment_name="fair.pdf")
        page = client.get(f"/mailbox/{name}/").content.decode()
        assert "Your code is 123 456." in page
        assert "fair.pdf" in page

    def test_attachment_arrives_as_a_download_with_a_bare_file_name(
        self, client: Client, folder: Path
    ) -> None:
        name = caught(folder, attachment_name="../../etc/fair.html")
        response = client.get(f"/mailbox/{name}/1/")
        assert response["Content-Disposition"] == 'attachment; filename="fair.html"'
        assert response["Content-Type"] == "application/octet-stream"
        assert b"".join(response.streaming_content) == b"%PDF-1.7 not really"

    @pytest.mark.parametrize("name", ["missing", "..", "..%2Fsecret", ".hidden"])
    def test_names_that_are_no_mail_answer_404(self, client: Client, folder: Path, name: str) -> None:
        (folder / "secret").write_text("not for reading")
        (folder / "new" / ".hidden").write_text("not for reading")
        assert client.get(f"/mailbox/{name}/").status_code == 404

    def test_missing_attachment_answers_404(self, client: Client, folder: Path) -> None:
        assert client.get(f"/mailbox/{caught(folder)}/1/").status_code == 404

    def test_without_a_mail_catcher_there_is_no_mailbox(self, client: Client, settings: Settings) -> None:
        settings.MAIL_CATCHER_FOLDER = ""
        assert client.get("/mailbox/").status_code == 404


def test_of_20_000_mails_only_the_newest_200_are_opened(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for number in range(20_000):
        path = new / f"{1_700_000_000 + number}.M5P1Q{number}.host"
        if number < 19_800:
            path.symlink_to(tmp_path / "nowhere")  # fails when it is opened
        else:
            os.link(_mail(tmp_path), path)
    mails = mailbox_folder.newest(tmp_path)
    assert len(mails) == 200
    assert mails[0].name.startswith("1700019999.")


def _mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail"
    if not path.exists():
        path.write_text("To: sam@northfield.example\nSubject: Hello\n\nText\n")
    return path
