"""The chains of a search as InferenceData of ArviZ, in a NetCDF file."""

from pathlib import Path

import numpy as np

from analysis.common.libraries import arviz
from analysis.diagnostics.exhibits import LAW
from analysis.diagnostics.occupied_points import OccupiedPoints
from engine.errors import UsageError
from engine.results.atomic_write import make_folder

EXPORTED = 10_000  # occupied points of a chain, at most


def export(walk: OccupiedPoints, file: Path) -> str:
    """Write where the chains stand to a NetCDF file, every so many draws; return a line that says so."""
    library = arviz()
    every = -(-walk.score.shape[1] // EXPORTED)
    names = walk.scenario.free_names
    data = library.from_dict(
        posterior={name: walk.points[:, ::every, walk.scenario.names.index(name)] for name in names},
        sample_stats={"score": walk.score[:, ::every], "accepted": walk.accepted[:, ::every]},
        coords={"chain": walk.chains, "draw": np.arange(0, walk.score.shape[1], every)},
        attrs={"about": f"where each chain stood, one draw in {every}, from its start. {LAW}"},
    )
    beside = file.with_name(f".{file.name}")
    try:
        make_folder(file.parent)
        data.to_netcdf(str(beside), engine="h5netcdf")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"--netcdf {file}: cannot be written ({error.strerror}); give another file") from None
    stood = "every point" if every == 1 else f"one point in {every}"
    return f"stored {file}: {stood} where a chain stood, {walk.score[0, ::every].size:,} a chain"
