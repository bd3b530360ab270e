"""Where things are in the checkout."""

import json
from pathlib import Path

from engine import load_scenario

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
DPRK, QUICK, GDR = CONFIGS / "dprk.yaml", CONFIGS / "quick.yaml", CONFIGS / "gdr" / "gdr.yaml"
SMALL = Path(__file__).with_name("small.yaml")  # three provinces, five years of 13 weeks: the twins' country
TABLES = {"importance", "claims", "errata", "conclusions"}
#: For the small country to be held against the paper, as if it were its case, wherever its file lies.
PAPERS = f"reference={json.dumps(load_scenario(DPRK).reference.model_dump(include=TABLES))}"
