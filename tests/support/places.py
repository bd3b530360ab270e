"""Where things are in the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
DPRK, QUICK = CONFIGS / "dprk.yaml", CONFIGS / "quick.yaml"
SMALL = Path(__file__).with_name("small.yaml")  # three provinces, five years of 13 weeks: the twins' country
#: For the small country to be held against the paper, as if it were its case.
TABLES = {"importance": "paper_importance.csv, column: inc_node_purity"}
TABLES |= {name: f"paper_{name}.csv" for name in ("claims", "errata")} | {"conclusions": "our_conclusions.csv"}
PAPERS = f"reference={{{', '.join(f'{name}: {{file: data/{table}}}' for name, table in TABLES.items())}}}"
