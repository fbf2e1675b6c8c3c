"""Settings of the whole suite."""

from __future__ import annotations

import os

# Loud about accidental broadcasting and type mixing; as environment variables, so that tests which never
# need JAX do not import it.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
