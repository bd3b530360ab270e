"""Short real searches, for the commands that simulate what they find there."""

from pathlib import Path

from calibrate.__main__ import main

CONFIGS = Path(__file__).parent.parent / "configs"


def searched(out: Path, config: str, chains: int, iters: int) -> Path:
    """Return ``out``, which then holds a finished search."""
    options = ["--chains", str(chains), "--iters", str(iters), "--seed", "7", "--out", str(out), "--quiet"]
    assert main(["--config", str(CONFIGS / config), *options]) == 0
    return out
