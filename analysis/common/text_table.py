"""A table for a terminal: columns as wide as their widest cell, numbers to the right, words to the left."""

from analysis.common.exhibit import Cell, Table


def as_text(table: Table, forms: dict[str, str] | None = None) -> str:
    """Return the table as lines of text; ``forms`` gives a column's format, such as ".1%"; "-" is an empty cell."""
    forms = forms or {}
    columns = [
        [name.replace("_", " "), *(shown(row[place], forms.get(name, "")) for row in table.rows)]
        for place, name in enumerate(table.head)
    ]
    lines: list[list[str]] = [[] for _ in range(len(table.rows) + 1)]
    for place, cells in enumerate(columns):
        width = max(map(len, cells))
        words = any(isinstance(row[place], str) for row in table.rows)
        for line, cell in zip(lines, cells, strict=True):
            line.append(cell.ljust(width) if words else cell.rjust(width))
    return "\n".join("  ".join(line).rstrip() for line in lines)


def shown(cell: Cell, form: str) -> str:
    """Return one cell as text."""
    if cell is None or cell == "":
        return "-"
    return cell if isinstance(cell, str) else format(cell, form)
