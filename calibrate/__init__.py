"""The search for points at which a scenario's record and its simulation agree; see calibrate/methods for the ways.

run = calibrate.search("configs/quick.yaml", out="results/", chains=4, iters=2000, seed=7)
"""

from calibrate.from_python import search
from calibrate.methods.space import Space, make_space, to_points, to_unit
from calibrate.objective.score import Score
from engine.results.replay import Draw, read_draw
from engine.results.run_record import Run, open_run

__all__ = ["Draw", "Run", "Score", "Space", "make_space", "open_run", "read_draw", "search", "to_points", "to_unit"]
