"""The hash of an op's results on a GPU is made as that of a sweep on the CPU."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import machine

from hasderiv.sweeping import engine, evidence

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("benchmark_gpu_op_bits", FOLDER / "gpu_op_bits.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("machine", "report"):
        sys.modules.pop(name, None)
    return module


@pytest.mark.parametrize("first", [0x7F000000, 0xBF000000])
def test_the_hash_is_that_of_the_sweep(script: ModuleType, first: int) -> None:
    numpy = SimpleNamespace(arange=np.arange, where=np.where, isnan=np.isnan, asnumpy=np.asarray)
    key = evidence.keys("log")["forward"]
    found = script.digest(numpy, kernels.load("log").routine(key), evidence.parameters("log"), first)
    assert found == engine.one("log", key, first, first + script.SIZE, 1).digest
