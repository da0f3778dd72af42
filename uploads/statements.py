"""The statements on the staging tables of a check or an import."""

from psycopg2.sql import SQL

DROP = "DROP TABLE IF EXISTS pg_temp.upload_row, pg_temp.upload_problem"
CREATE = """
CREATE TEMPORARY TABLE upload_row (
    row_number integer NOT NULL, number text, first_name text, last_name text, email text,
    major text, graduation_year smallint);
CREATE TEMPORARY TABLE upload_problem (
    row_number integer NOT NULL, place integer NOT NULL, heading text NOT NULL, value text NOT NULL,
    reason text NOT NULL, remedy text NOT NULL)
"""
# Wrong rows are staged too, for this comparison: the first row of a pair may itself be wrong.
FIND_REPEATED = SQL(
    """
INSERT INTO upload_problem
SELECT row_number, %(place)s, %(heading)s, value,
    'Row ' || first_row || ' has the same ' || %(heading)s || '.', 'Keep one of the two rows.'
FROM (
    SELECT row_number, {column} AS value, min(row_number) OVER (PARTITION BY {key}) AS first_row
    FROM upload_row WHERE {column} IS NOT NULL
) seen WHERE row_number > first_row
"""
)
KEEP_GOOD = """
DELETE FROM upload_row USING upload_problem WHERE upload_problem.row_number = upload_row.row_number;
ANALYZE upload_row;
"""
COMPARE = SQL(
    """
SELECT count(*) FILTER (WHERE student.id IS NULL),
    count(*) FILTER (WHERE student.id IS NOT NULL AND ({old}) IS DISTINCT FROM ({new})),
    count(*) FILTER (WHERE student.id IS NOT NULL AND ({old}) IS NOT DISTINCT FROM ({new})),
    (SELECT count(DISTINCT row_number) FROM upload_problem)
FROM upload_row staged LEFT JOIN uploads_student student
    ON student.school_id = %(school)s AND student.number = staged.number
"""
)
# Who has another name and another address than the known student of that number, apart from capitals.
OTHER = SQL(
    """lower({known}.email) IS DISTINCT FROM lower({given}.email)
    AND (lower({known}.first_name), lower({known}.last_name))
        IS DISTINCT FROM (lower({given}.first_name), lower({given}.last_name))"""
)
OTHERS = SQL(
    """
SELECT count(*), coalesce(bit_xor(hashtextextended(
    concat_ws(E'\n', staged.row_number, student.first_name, student.last_name, student.email), 0)), 0)
FROM upload_row staged JOIN uploads_student student
    ON student.school_id = %(school)s AND student.number = staged.number
WHERE {other}
"""
)
CHANGES = SQL(
    """
SELECT staged.row_number, student.number, student.first_name || ' ' || student.last_name,
    {other} AS is_other, ARRAY[{old_texts}], ARRAY[{new_texts}]
FROM upload_row staged JOIN uploads_student student
    ON student.school_id = %(school)s AND student.number = staged.number
WHERE ({old}) IS DISTINCT FROM ({new})
ORDER BY is_other DESC, staged.row_number
"""
)
# In the order of the number, so that two of these never wait for each other in a circle. A row that
# was inserted by this statement has no older version: its xmax is 0.
MERGE = SQL(
    """
WITH written AS (
    INSERT INTO uploads_student AS student
        (school_id, number, first_name, last_name, email, major, graduation_year)
    SELECT %(school)s, number, first_name, last_name, email, coalesce(major, ''), graduation_year
    FROM upload_row ORDER BY number
    ON CONFLICT (school_id, number) DO UPDATE SET {changes}
    WHERE ({old}) IS DISTINCT FROM ({excluded}) AND (%(with_others)s OR NOT ({other}))
    RETURNING student.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
    (SELECT count(*) FROM upload_row) - count(*) - %(left_out)s
FROM written
"""
)
PROBLEMS = """
SELECT row_number, heading, value, reason, remedy FROM upload_problem
ORDER BY row_number, place LIMIT %(limit)s
"""
WRONG_ROWS = """
SELECT row_number,
    string_agg(concat_ws(': ', nullif(heading, ''), reason || ' ' || remedy), ' ' ORDER BY place)
FROM upload_problem WHERE row_number > %(after)s GROUP BY row_number ORDER BY row_number LIMIT %(limit)s
"""
