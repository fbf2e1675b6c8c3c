"""What float numbers do to scores and sums: the facts that lowering chooses by, and that the certificate and
its check prove bounds with. No lowering here, and no checking.
"""

from __future__ import annotations

import numpy as np

EXP_ROUNDINGS = 16
"""How many roundings' worth of relative error is allowed to the runtime's exp (measured: below 4)."""


def sum_error(
    largest: float, factor: float, bos_score: float, n: int, unit: float, exp_roundings: int = EXP_ROUNDINGS
) -> float:
    """How far `factor` * (sum / (count + B)) is from the sum, over all counts of up to n values, where
    B = exp(bos_score) is the share of BOS, `unit` the relative error of one operation and `exp_roundings` how
    many of those `exp` may be off by.

    A sum of k numbers in any order errs by at most (k + 1) / 2 roundings of k times the largest. Adding k
    shares of 1/B to the share 1 of BOS errs by at most k roundings, and by no more than what is added: an
    addition to a rounded number that errs by more would have left it as it was.
    """
    count = np.arange(1, n + 1, dtype=np.float64)
    share = np.exp(bos_score)
    scale = factor / (count + share)
    off = np.abs(scale - 1)
    added = count / share
    total = np.minimum(count * unit, added) + count * unit * added
    rounding = np.abs(scale) * (unit * (exp_roundings + (count + 1) / 2 + 4) + total)
    return float((count * largest * (off + rounding)).max())
