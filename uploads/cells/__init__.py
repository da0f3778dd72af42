"""What may stand in a cell: text, addresses, numbers, dates, choices and references."""

from uploads.cells.cell import Cell, Found
from uploads.cells.choices import Choice
from uploads.cells.dates import Date
from uploads.cells.numbers import Decimal, Whole, Year
from uploads.cells.references import Reference
from uploads.cells.texts import Email, Text, Url

__all__ = ["Cell", "Choice", "Date", "Decimal", "Email", "Found", "Reference", "Text", "Url", "Whole", "Year"]
