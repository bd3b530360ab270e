"""The page of the report: one HTML file with its pictures in it, that needs no network and runs no script.

The template stands here and not in a file of its own, so that it is wherever the code is.
"""

from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined

from analysis.common.exhibit import PICTURES, Cell, Exhibit

FEW_ROWS = 16  # a table of more is folded if there is a picture
WIDE = 10  # columns of a table: with more it is turned if it has few rows, and folded if there is a picture
FEW_COLUMNS = 6
MOST_ROWS = 50  # of a table on the page; all of them are in its file
KINDS = {".png": "image/png", ".svg": "image/svg+xml"}

TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{{ title }}</title>
<link rel="icon" href="data:,">
<style>
:root { --ground: #fff; --ink: #1a1a1a; --soft: #595959; --line: #d5d5d5; --box: #f4f4f4; --link: #0061a1;
  --warn: #fff3d6; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181c; --ink: #e6e6e6; --soft: #a8a8a8; --line: #3b3f45; --box: #22252a; --link: #7cc0f2;
    --warn: #4a3a10; }
  .picture { filter: brightness(.9); }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; padding-top: .5rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .3rem; }
p, .picture { max-width: 46rem; }
p { margin: .3rem 0 .6rem; }
a { color: var(--link); }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
.picture { background: #fff; border: 1px solid var(--line); border-radius: 6px; padding: .5rem; overflow-x: auto; }
.picture img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.made { color: var(--soft); font-size: .85rem; }
code { font: .85em ui-monospace, monospace; background: var(--box); border-radius: 3px; padding: .1em .3em; }
code span { display: inline-block; max-width: 100%; }
.rows { overflow-x: auto; margin: .5rem 0; /* a shadow where there is more */
  background: no-repeat local linear-gradient(to left, var(--ground) 40%, transparent) right / 3rem 100%,
  no-repeat scroll linear-gradient(to left, var(--line), transparent) right / 1rem 100%; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .2rem .7rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td { max-width: 28rem; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
.number { text-align: right; }
td.number { white-space: nowrap; }
.long { min-width: 9rem; }
@media (max-width: 40rem) { td { max-width: 15rem; } .long { min-width: 8rem; } }
summary { cursor: pointer; color: var(--link); }
.warn { background: var(--warn); border-radius: 6px; padding: .6rem .8rem; }
h2 { scroll-margin-top: 1rem; }
summary h2 { display: inline; border: 0; color: var(--ink); }
.folded { margin-top: 2.5rem; padding-top: .5rem; border-top: 2px solid var(--line); }
@media print {
  :root { --ground: #fff; --ink: #000; --soft: #333; --line: #bbb; --box: #fff; --link: #000; --warn: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  p, .picture { max-width: none; }
  .warn { border: 1px solid var(--line); }
  .picture { border: 0; padding: 0; overflow: visible; filter: none; }
  .picture img { min-width: 0 !important; max-height: 17cm; width: auto; margin: 0; } /* and a heading above it */
  .rows { overflow: visible; background: none; }
  table { font-size: 7pt; max-width: 100%; }
  th, td { padding-right: .4rem; min-width: 0 !important; max-width: none; }
  .long, .wide th, .wide td { overflow-wrap: anywhere; }
  td.number { white-space: normal; }
  tr { break-inside: avoid; }
  h2, h3, article > p { break-after: avoid; }
  .made { break-after: auto !important; }
  .shown { break-inside: avoid; }
  .folded::details-content { content-visibility: visible; display: block; } /* what was run is printed too */
  .folded > summary { list-style: none; }
}
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ lead }}</p>
{% if warning %}<p class="warn">{{ warning }}</p>{% endif %}
<nav><ul>
{% for section in sections %}<li><a href="#part-{{ loop.index }}">{{ section.title }}</a></li>
{% endfor %}</ul></nav>
<main>
{% for section in sections %}
<section id="part-{{ loop.index }}">
{% if section.folded %}<details class="folded"><summary><h2>{{ section.title }}</h2></summary>
{% else %}<h2>{{ section.title }}</h2>{% endif %}

{% if section.problem %}<p class="warn">{{ section.problem }}</p>{% endif %}
{% for piece in section.pieces %}
<article id="{{ piece.name }}">
<div class="shown">
<h3>{{ piece.title }}</h3>
<p>{{ piece.sentence }}</p>
{% for warning in piece.warnings %}<p class="warn beware">{{ warning[:1]|upper }}{{ warning[1:] }}.</p>
{% endfor %}
{% if piece.picture %}
<div class="picture" tabindex="0"><img src="{{ piece.picture }}" alt="{{ piece.title }}" width="{{ piece.width }}"
height="{{ piece.height }}" style="min-width: {{ piece.width // 2 }}px"></div>
{% endif %}
</div>
{% if piece.head %}
{% if piece.folded %}<details><summary>Table, {{ "{:,}".format(piece.rows_in_all) }} rows</summary>{% endif %}
<div class="rows{{ " wide" if piece.head|length > wide else "" }}" tabindex="0"><table>
<thead><tr>{% for cell in piece.head %}<th{{ " class=number" if cell.number else "" }}>{{ cell.text }}</th>{% endfor %}
</tr></thead>
<tbody>
{% for row in piece.rows %}<tr>{% for cell in row %}<td{{ " class=number" if cell.number else (" class=long" if
cell.text|length > 40 else "") }}>{{ cell.text }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
{% if piece.rows|length < piece.rows_in_all %}<p class="made">The first {{ piece.rows|length }} of
{{ "{:,}".format(piece.rows_in_all) }} rows; all of them are in
<a href="{{ piece.name }}.csv">{{ piece.name }}.csv</a>.</p>{% endif %}
{% if piece.folded %}</details>{% endif %}
{% endif %}
<p class="made">Made by
<code>{% for word in piece.command.split() %}<span>{{ word }}</span>{{ "" if loop.last else " " }}{% endfor %}</code>
{% for file in piece.files %}·
<a href="{{ file }}">{{ file.rpartition(".")[2]|upper }}</a>{% endfor %}</p>
</article>
{% endfor %}
{% if section.folded %}</details>{% endif %}
{% if loop.first and beware %}<h3>What to beware of</h3>
<ul>
{% for name, warning in beware %}<li><a href="#{{ name }}">{{ warning[:1]|upper }}{{ warning[1:] }}</a>.</li>
{% endfor %}</ul>{% endif %}

</section>
{% endfor %}
</main>
</body>
</html>
"""


class Text(NamedTuple):
    """A cell as it is written."""

    text: str
    number: bool


class Piece(NamedTuple):
    """An exhibit as the page shows it."""

    name: str
    title: str
    sentence: str
    command: str
    picture: str  # data URI, empty for none
    width: int  # of the picture, CSS pixels
    height: int
    head: list[Text]
    rows: list[list[Text]]
    rows_in_all: int
    folded: bool
    files: list[str]  # beside the page
    warnings: tuple[str, ...]


class Section(NamedTuple):
    """A part of the page; ``problem`` says why it lacks what it lacks."""

    title: str
    pieces: list[Piece]
    problem: str = ""
    folded: bool = False


def page(title: str, lead: str, warning: str, sections: list[Section]) -> str:
    """Return the page as HTML, all text escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    told: dict[str, str] = {}  # by warning, where it stands first
    for piece in (piece for section in sections for piece in section.pieces):
        for text in piece.warnings:
            told.setdefault(text, piece.name)
    beware = [(name, text) for text, name in told.items()]
    whole = {"title": title, "lead": lead, "warning": warning, "sections": sections, "beware": beware}
    return environment.from_string(TEMPLATE).render(whole, wide=WIDE)


def piece_of(exhibit: Exhibit, folder: Path) -> Piece:
    """Return an exhibit, stored in ``folder``, as the page shows it."""
    files = [f"{exhibit.name}{ending}" for ending in PICTURES if exhibit.figure is not None]
    picture, width, height = "", 0, 0
    if exhibit.figure is not None:
        picture = smallest([folder / file for file in files])
        width, height = (round(96 * inches) for inches in exhibit.figure.get_size_inches())
    head: list[Text] = []
    rows: list[list[Text]] = []
    count = 0
    if exhibit.table is not None:
        files.append(f"{exhibit.name}.csv")
        count = len(exhibit.table.rows)
        names: tuple[str, ...] = exhibit.table.head
        shown = exhibit.table.rows[:MOST_ROWS]
        rows = [[as_text(cell, name) for name, cell in zip(names, row, strict=True)] for row in shown]
        if len(names) > WIDE and 0 < count <= FEW_COLUMNS:  # turned: a column for each row
            labels = [Text(name.replace("_", " "), False) for name in names[1:]]
            turned = [[label, *(row[place] for row in rows)] for place, label in enumerate(labels, start=1)]
            names, rows = (names[0], *(row[0].text for row in rows)), turned
            count = len(rows)
        numbers = [any(row[place].number for row in rows) for place in range(len(names))]
        head = [Text(name.replace("_", " "), number) for name, number in zip(names, numbers, strict=True)]
    folded = exhibit.figure is not None and (count > FEW_ROWS or len(head) > WIDE)
    text = exhibit.title, exhibit.sentence, exhibit.command
    return Piece(exhibit.name, *text, picture, width, height, head, rows, count, folded, files, exhibit.warnings)


def smallest(files: list[Path]) -> str:
    """Return the smallest of some files of one picture as a data URI."""
    file = min(files, key=lambda path: path.stat().st_size)
    return f"data:{KINDS[file.suffix]};base64,{b64encode(file.read_bytes()).decode()}"


def as_text(cell: Cell, name: str) -> Text:
    """Return a cell of column ``name`` as a reader wants it: four digits or whole, yes or no, nothing for no number."""
    if cell is None or cell != cell:
        return Text("", False)
    if isinstance(cell, bool):
        return Text("yes" if cell else "no", False)
    if isinstance(cell, int):
        return Text(str(cell) if name in ("year", "seed") else f"{cell:,}", True)
    if isinstance(cell, float):
        whole = cell.is_integer() or abs(cell) >= 10_000
        return Text(f"{cell:,.0f}" if whole and abs(cell) < 1e15 else f"{cell:.4g}", True)
    return Text(cell, False)
