"""Employers, vacancies and outcomes: each is checked and imported as its declaration says."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from jobs.models import Person, School
from jobs.testing import make_person, run_parts
from uploads.datasets import DATASETS, Dataset
from uploads.importing import begin_import
from uploads.mapping import mapped
from uploads.models import Employer, Outcome, Student, Upload, UploadState, Vacancy
from uploads.undoing import begin_undo

HandIn = Callable[..., Upload]


def imported(upload: Upload) -> Upload:
    assert upload.created_by is not None
    assert begin_import(upload=upload, by=upload.created_by), upload.problems
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTED
    return upload


def counts(upload: Upload) -> tuple[int, int, int, int]:
    return upload.new_rows, upload.changed_rows, upload.unchanged_rows, upload.wrong_rows


@pytest.fixture
def harbor(school: School) -> Employer:
    """An employer that is known."""
    return Employer.objects.create(school=school, name="Harbor Health", website="https://harbor.example/")


@pytest.fixture
def maya(school: School) -> Student:
    """A student who is known."""
    return Student.objects.create(
        school=school, number="0017", first_name="M", last_name="L", email="m@l.example"
    )


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_every_declaration_holds_together(dataset: Dataset) -> None:
    headings = [column.heading for column in dataset.columns]
    assert mapped(headings, dataset=dataset).unused == []
    known = [heading for column in dataset.columns for heading in (column.heading, *column.synonyms)]
    assert len(known) == len({heading.casefold() for heading in known})
    for column in dataset.columns:
        assert column.example, column.name
        assert column.cell.found(column.example) is None or column.cell.rule.startswith("The "), column.name
        assert dataset.field(column.name)
    assert all(dataset.column(name).is_required for name in dataset.key)


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset_has_a_page_and_a_template(client: Client, person: Person, name: str) -> None:
    client.force_login(person)
    shown = client.get("/uploads/new/", {"dataset": name}).content.decode()
    assert f"Upload {DATASETS[name].label}" in shown
    template = client.get("/uploads/template/", {"dataset": name})
    assert template.content.decode().count(",") == len(DATASETS[name].columns) - 1


def test_employers_are_known_by_their_name_and_an_empty_cell_changes_nothing(
    hand_in: HandIn, harbor: Employer
) -> None:
    upload = hand_in(
        "Company,Website,Industry\nHarbor Health,,Health care\nNew One,https://new.example,\n",
        dataset="employers",
    )
    assert counts(upload) == (1, 1, 0, 0)
    assert upload.changes[0]["cells"] == [{"column": "Industry", "old": "", "new": "Health care"}]
    imported(upload)
    harbor.refresh_from_db()
    assert (harbor.website, harbor.industry) == ("https://harbor.example/", "Health care")
    assert counts(hand_in("name,website\nHarbor Health,\n", dataset="employers")) == (0, 0, 1, 0)


def test_vacancies_name_employers_and_take_dates_and_amounts_of_many_kinds(
    hand_in: HandIn, harbor: Employer
) -> None:
    head = "number;employer;title;type;salary;closes on;web page\n"
    upload = imported(
        hand_in(
            head
            + "V1;Harbor Health;Nurse;Full Time;52.000,50;2027-04-03;https://harbor.example/1\n"
            + "V2;Harbor Health;Clerk;intern;52,000;3.4.2027;\n"
            + "V3;Harbor Health;Cook;;52000.5;04/13/2027;\n"
            + "V4;Harbor Health;Guard;;;2027-04-03 00:00:00;\n",
            dataset="vacancies",
        )
    )
    assert counts(upload) == (4, 0, 0, 0)
    found = list(Vacancy.objects.values_list("number", "vacancy_type", "salary", "closes_on", "employer"))
    assert found == [
        ("V1", "full-time", Decimal("52000.50"), date(2027, 4, 3), harbor.pk),
        ("V2", "internship", Decimal("52000.00"), date(2027, 4, 3), harbor.pk),
        ("V3", "", Decimal("52000.50"), date(2027, 4, 13), harbor.pk),
        ("V4", "", None, date(2027, 4, 3), harbor.pk),
    ]


def test_what_is_wrong_in_a_vacancy_is_said(hand_in: HandIn, harbor: Employer) -> None:
    upload = hand_in(
        "number,employer,title,type,salary,closes on,web page\n"
        "V1,Harbour Health,Nurse,sometimes,much,03/04/2027,harbor\n"
        "V2,Harbor Health,Nurse,,,1.2.27,\n"
        "V3,Harbor Health,Nurse,,,30.2.2027,\n",
        dataset="vacancies",
    )
    assert [(problem["row"], problem["column"], problem["reason"]) for problem in upload.problems] == [
        (2, "employer", "No employer of this school is known by it."),
        (2, "type", "It is none of the words that we know here."),
        (2, "salary", "It is not an amount with at most two digits of fraction."),
        (2, "web page", "It is not the address of a web page."),
        (2, "closes on", "Nothing in this column tells whether the day or the month stands first."),
        (3, "closes on", "The year has two digits, so its century is not certain."),
        (4, "closes on", "There is no such day."),
    ]
    dates = [each for each in upload.problem_counts if each["column"] == "closes on"]
    assert [(each["count"], each["reason"]) for each in dates] == [
        (1, "Nothing in this column tells whether the day or the month stands first."),
        (1, "The year has two digits, so its century is not certain."),
        (1, "There is no such day."),
    ]


def test_dates_of_a_column_that_contradict_each_other_are_said_to(hand_in: HandIn, harbor: Employer) -> None:
    upload = hand_in(
        "number,employer,title,closes on\n"
        "V1,Harbor Health,Nurse,04/13/2027\n"
        "V2,Harbor Health,Nurse,13/04/2027\n",
        dataset="vacancies",
    )
    (found,) = upload.problem_counts
    assert found["count"] == 2
    assert found["reason"].startswith("The dates of this column contradict each other")


def test_a_count_says_what_is_wrong_with_all_that_it_counts(hand_in: HandIn) -> None:
    head, long = "number,first name,last name,email", "x" * 120
    rows = ["1,A,B,a@s.example"] * 3 + ["2,#N/A,B,c@s.example", "3,#REF!,B,d@s.example", "4", "5,A"]
    rows += [f"6,A,{long},e@s.example", f"7,A,{long}x,f@s.example"]
    upload = hand_in("\n".join([head, *rows, ""]))
    assert {(each["column"], each["reason"]): each["count"] for each in upload.problem_counts} == {
        ("number", "Row 2 has the same number."): 2,
        ("first name", "The cell holds an error, not a value."): 2,
        ("", "The row has more or fewer cells than there are headings."): 2,
        ("last name", "It has more characters than are kept."): 2,
        ("email", "Row 2 has the same email."): 2,
    }
    upload = hand_in("\n".join([head, *rows[:3], *["9,C,D,z@s.example"] * 2, ""]))
    said = {(each["column"], each["reason"]): each["count"] for each in upload.problem_counts}
    assert said[("number", "An earlier row has the same.")] == 3


def test_another_schools_employer_is_not_known(hand_in: HandIn, harbor: Employer) -> None:
    upload = hand_in("number,employer,title\nV1,Harbor Health,Nurse\n", dataset="vacancies", by=make_person())
    assert counts(upload) == (0, 0, 0, 1)


def test_another_employer_is_a_change_shown_by_its_name(
    hand_in: HandIn, harbor: Employer, school: School, person: Person
) -> None:
    other = Employer.objects.create(school=school, name="Other")
    imported(hand_in("number,employer,title\nV1,Harbor Health,Nurse\n", dataset="vacancies"))
    upload = imported(hand_in("number,employer,title\nV1,Other,Nurse\n", dataset="vacancies"))
    assert upload.changes[0]["cells"] == [{"column": "employer", "old": "Harbor Health", "new": "Other"}]
    assert Vacancy.objects.get().employer == other
    assert begin_undo(upload=upload, by=person)
    run_parts(lane="uploads")
    assert Vacancy.objects.get().employer == harbor


def test_an_outcome_belongs_to_a_student_and_is_brought_up_to_date(hand_in: HandIn, maya: Student) -> None:
    imported(hand_in("student id,status,employer,salary\n0017,still looking,,\n", dataset="outcomes"))
    upload = imported(
        hand_in("sid,outcome,company,start date\n0017,Working,Harbor Health,2027-09-01\n", dataset="outcomes")
    )
    assert counts(upload) == (0, 1, 0, 0)
    outcome = Outcome.objects.get()
    assert (outcome.student, outcome.status, outcome.employer_name) == (maya, "employed", "Harbor Health")
    assert outcome.started_on == date(2027, 9, 1)
    again = hand_in("sid,outcome,company,start date\n0017,employed,,\n", dataset="outcomes")
    assert counts(again) == (0, 0, 1, 0)


def test_an_outcome_of_nobody_is_wrong(hand_in: HandIn, maya: Student) -> None:
    upload = hand_in("sid,status\n17,employed\n0017,employed\n0017,seeking\n", dataset="outcomes")
    assert counts(upload) == (1, 0, 0, 2)
    assert [problem["reason"] for problem in upload.problems] == [
        "No student of this school is known by it.",
        "Row 3 has the same sid.",
    ]
