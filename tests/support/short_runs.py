"""Short real searches, for the commands that simulate what they find there."""

from pathlib import Path

from support.places import CONFIGS

from calibrate.cli import main


def searched(out: Path, seed: int, *more: str, config: str = "quick.yaml", chains: int = 3, iters: int = 400) -> Path:
    """Return ``out``, which then holds a finished search; ``more`` are further arguments."""
    options = ["--chains", str(chains), "--iters", str(iters), "--seed", str(seed), "--out", str(out), "--quiet"]
    assert main(["--config", str(CONFIGS / config), *options, *more]) == 0
    return out
