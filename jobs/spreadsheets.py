"""Spreadsheet programs run a cell as a formula that starts like one: cells that we hand out do not."""

FORMULA_SIGNS = ("=", "+", "-", "@")
RISKY_STARTS = (*FORMULA_SIGNS, "\t", "\r", "\n")


def made_safe(cell: str) -> str:
    """Return the cell so that no spreadsheet program runs it as a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(RISKY_STARTS) else cell
