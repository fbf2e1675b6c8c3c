"""How much memory a pass takes at once: told, and refused where there is not so much, before it is taken."""

from __future__ import annotations

from pathlib import Path

from rasp.errors import InputError
from runtime.transformer.batching import MOST_SCORES
from runtime.weights import Weights, size

SMALL = 1 << 30
"""Bytes below which nobody asks how many are free."""

COPIES = 3
"""Of scores, about as many are held at once: as they are, masked, and their powers."""

STREAMS = 3
"""Of the residual stream: before a sublayer, what that adds, and after it."""

UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def needed(weights: Weights, rows: int, positions: int, recorded: bool = False) -> int:
    """About how many bytes a pass over `rows` inputs of so many positions (BOS counted) holds at once, the
    weights included; `recorded`: if every activation is kept.
    """
    item, width = weights.token_embedding.dtype.itemsize, weights.token_embedding.shape[1]
    streams, scores, others = [STREAMS * width], [0], [weights.unembedding.shape[1]]
    for layer in weights.layers:
        heads, _, dims = layer.w_q.shape
        most = rows * heads * positions**2
        scores.append(most if recorded else min(most, max(MOST_SCORES, rows * heads * positions)))
        others.append(max(4 * heads * dims, layer.w_in.shape[1]))
        streams.append(2 * width)
    if recorded:
        held = rows * positions * (sum(streams) + sum(others)) + 2 * sum(scores) + max(scores)
    else:
        held = rows * positions * (streams[0] + max(others)) + COPIES * max(scores)
    return int(item * (size(weights).parameters + held))


def free() -> int | None:
    """How many bytes JAX's first device could still take; None where that is not known."""
    import jax  # the arithmetic above is for those, too, who run nothing

    device = jax.devices()[0]
    known = device.memory_stats()
    if known and "bytes_limit" in known:
        return int(known["bytes_limit"]) - int(known.get("bytes_in_use", 0))
    file = Path("/proc/meminfo")
    lines = file.read_text().splitlines() if device.platform == "cpu" and file.exists() else []
    found = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(found[0][1]) if found else None


def require(weights: Weights, rows: int, positions: int, recorded: bool = False) -> None:
    """Raise InputError if a pass takes more memory than there is."""
    wanted = needed(weights, rows, positions, recorded)
    room = free() if wanted > SMALL else None
    if room is not None and wanted > room:
        what = "a trace" if recorded else "a pass"
        raise InputError(
            f"{what} of {rows:,} x {positions - 1:,} tokens takes about {gigabytes(wanted)} at once, "
            f"and {gigabytes(room)} are free",
            hint="give shorter inputs" + ("; answers alone take less than a trace" if recorded else ""),
        )


def gigabytes(count: int) -> str:
    """A number of bytes as people write it."""
    unit, name = next(((u, n) for u, n in UNITS if count >= u / 10), UNITS[-1])
    return f"{count / unit:,.1f} {name}"
