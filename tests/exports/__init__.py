"""What is made from the code and kept in the repository: JSON Schemas, docs/data.md. Written again by `python -m tests.exports`.

Belongs here: one module per kind of export, each giving paths and texts; tests compare these with what is kept.
Never here: anything that the product needs when it runs.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
