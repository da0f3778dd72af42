"""What stands in a cell that holds no value: its formula's error, or that its formula has none."""

import re

UNSAVED = "(formula without a value)"
"""How a formula is read whose value its program did not save."""
ERROR = re.compile(
    r"^(?:#(?:N/A|NV|NULL!|DIV/0!|VALUE!|WERT!|REF!|BEZUG!|NAME\?|NUM!|ZAHL!|SPILL!|CALC!|GETTING_DATA)"
    r"|Err:[0-9]{3})$"
)
"""As spreadsheet programs show errors, also in CSV files that they save."""
BY_CODE = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""The errors by their numbers in XLS and XLSB."""
