"""Data files read into tables of text, in a confined process: it knows neither Django nor the database."""

import os

# A thread that numpy starts when it is imported would be missing in the forks that read.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
