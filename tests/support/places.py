"""Where things are in the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
DPRK, QUICK = CONFIGS / "dprk.yaml", CONFIGS / "quick.yaml"
SMALL = Path(__file__).with_name("small.yaml")  # three provinces, five years of 13 weeks: the twins' country
#: For the small country to be held against the paper, as if it were its case.
PAPERS = "reference=dukalskis-2017"
