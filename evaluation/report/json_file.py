"""The complete report, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evaluation.bootstrap import Comparison
from evaluation.table import Table


def json_text(table: Table, compared: Sequence[Comparison], title: str) -> str:
    """The columns, the rows with their notes and extras, means, and comparisons of groups."""
    groups: list[str | None] = [None, *table.groups]
    content = {
        "title": title,
        "notes": list(table.notes),
        "metrics": [_finite(asdict(metric)) for metric in table.metrics],
        "forms": {name: dict(form) for name, form in table.forms.items()},
        "missing": dict(table.missing),
        "rows": [asdict(row) for row in table.rows],
        "means": [
            {
                "group": group,
                "videos": sum(group in (None, row.group) for row in table.rows),
                **{metric.name: table.mean(metric, group) for metric in table.metrics},
            }
            for group in groups
        ],
        "comparisons": [asdict(one) | {"clear": one.clear} for one in compared],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts for JSON, which has no infinity: an open end of a range is null."""
    return facts | {"range": [bound if math.isfinite(bound) else None for bound in facts["range"]]}
