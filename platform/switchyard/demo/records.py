"""Making up what stands in a student's résumé and transcript."""

import random
from typing import Any

from switchyard.demo.students import THIS_YEAR, DemoStudent, content

COURSES_A_TERM = 4
GRADES = {"A": 4.0, "A-": 3.7, "B+": 3.3, "B": 3.0, "B-": 2.7, "C+": 2.3, "C": 2.0}
WEIGHTS = {"strong": (9, 7, 4, 2, 1, 0, 0), "even": (4, 5, 6, 5, 3, 1, 1), "weak": (1, 2, 4, 5, 5, 4, 3)}
SEASONS = (("Jun", "Aug"), ("Sep", "May"), ("Jan", "May"))


def record_of(student: DemoStudent, *, school: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the two documents of the student show, as JSON."""
    chance = random.Random(f"record {student.number} {student.name}")  # noqa: S311  the same each time
    major = content()["majors"][student.major]
    terms = _terms(student, school=school, chance=chance)
    average, credits_taken = _totals(terms)
    return {
        "name": student.name,
        "number": student.number,
        "email": student.email,
        "major": student.major,
        "degree": major["degree"],
        "school": school["name"],
        "town": school["town"],
        "year": student.graduation_year,
        "address": f"{chance.randint(11, 890)} {chance.choice(content()['streets'])}, {school['town']}",
        "phone": f"(555) 01{chance.randint(0, 9)}-{chance.randint(0, 9999):04d}",
        "gpa": average,
        "credits": credits_taken,
        "terms": terms,
        "experience": _experience(student, school=school, chance=chance),
        "projects": chance.sample(major["projects"], chance.randint(1, 2)),
        "skills": chance.sample(major["skills"], chance.randint(4, 6)),
        "activities": chance.sample(content()["activities"], chance.randint(1, 3)),
    }


def _terms(student: DemoStudent, *, school: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    own = [*content()["majors"][student.major]["courses"], *content()["general_courses"]]
    others = [
        course
        for name in school["majors"]
        for course in content()["majors"][name]["courses"]
        if course not in own
    ]
    plan = _in_order(own, chance) + chance.sample(others, 12)
    weights = WEIGHTS[chance.choice(list(WEIGHTS))]
    terms = []
    for index, title in enumerate(_term_titles(student)):
        courses = plan[index * COURSES_A_TERM : (index + 1) * COURSES_A_TERM]
        grades = chance.choices(list(GRADES), weights, k=len(courses))
        rows = [[*course, grade] for course, grade in zip(courses, grades, strict=True)]
        terms.append({"title": title, "courses": rows})
    return terms


def _in_order(courses: list[list[Any]], chance: random.Random) -> list[list[Any]]:
    """Shuffle, then put lower course numbers mostly first, as students take them."""
    return sorted(courses, key=lambda course: int(course[0].split()[1]) + chance.randint(0, 120))


def _term_titles(student: DemoStudent) -> list[str]:
    first = student.graduation_year - 4
    titles = [
        f"{season} {first + year + later}"
        for year in range(4)
        for season, later in (("Fall", 0), ("Spring", 1))
    ]
    return [title for title in titles if int(title.split()[1]) <= THIS_YEAR]


def _totals(terms: list[dict[str, Any]]) -> tuple[str, int]:
    taken = [(weight, grade) for term in terms for _, _, weight, grade in term["courses"]]
    credits_taken = sum(weight for weight, _ in taken)
    points = sum(weight * GRADES[grade] for weight, grade in taken)
    return f"{points / credits_taken:.2f}", credits_taken


def _experience(
    student: DemoStudent, *, school: dict[str, Any], chance: random.Random
) -> list[dict[str, Any]]:
    major = content()["majors"][student.major]
    count = chance.randint(2, 3)
    bullets = iter(chance.sample(major["bullets"], 5))
    employers = chance.sample([name for name, _ in school["employers"]], count)
    roles = chance.sample(major["roles"], count)
    jobs = []
    for index in range(count):
        begin, end = chance.choice(SEASONS)
        year = min(student.graduation_year, THIS_YEAR) - index
        since = year - 1 if begin == "Sep" else year
        time = f"{begin} {since} to {end} {year}"
        lines = [next(bullets) for _ in range(1 if index == count - 1 else 2)]
        jobs.append({"role": roles[index], "employer": employers[index], "time": time, "lines": lines})
    return jobs
