"""The demo data: two schools with their people, students, documents and employers."""
