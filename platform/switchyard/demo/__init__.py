"""The demo data: two schools with people, students, documents, employers, vacancies and applications."""
