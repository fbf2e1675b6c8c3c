"""Settings of the whole suite."""

from __future__ import annotations

import gc
import os
import random
import sys

import pytest

# Loud about accidental broadcasting and type mixing; as environment variables, so that tests which never
# need JAX do not import it.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")

# The processes that tests start compile our modules once, as everybody's do, not each anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """XLA's optimising of models that answer a few inputs each took a fifth of the time of the tests that
    everyone runs; the sweeps, and the README's commands, run what users run.
    """
    if "not slow" in config.option.markexpr:
        os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")


def pytest_collection_finish() -> None:
    """Thousands of tests and all that they import stay to the end: looking through them for garbage again and
    again took a sixth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# Fresh in every run, and the same in all processes of one.
os.environ.setdefault("RASP_FUZZ_SEED", str(random.SystemRandom().randrange(1 << 30)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests print is not seen where they run in several processes."""
    seed = os.environ["RASP_FUZZ_SEED"]
    terminalreporter.write_line(f"fuzzed programs from seed {seed} on (to repeat: RASP_FUZZ_SEED={seed})")


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Long sweeps compile thousands of shapes in one process, and what JAX keeps of them all is more than its
    compiler survives.
    """
    if "jax" in sys.modules and any(map(item.get_closest_marker, ("slow", "by_hand"))):
        sys.modules["jax"].clear_caches()
