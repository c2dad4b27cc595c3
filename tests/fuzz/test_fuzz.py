"""The corpus of the fuzzer before every checker, and the fuzzer itself for a few seconds where it can be had."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.certificate import Certificate, CertificateError

from ..house.house import ROOT
from ..kernel.corpus import FOLDER, good
from . import minimise, oracle, replay
from .reader import CORPUS
from .structure import Mutator


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_checker_keeps_to_the_rules_on_the_corpus() -> None:
    """Within the limits of time and memory, which hold for a process of its own."""
    done = command("tests.fuzz.replay")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(list(CORPUS.iterdir()))} inputs, 0 findings" in done.stdout


def test_the_corpus_is_small_and_its_files_have_their_names() -> None:
    files = {path: path.read_bytes() for path in CORPUS.iterdir()}
    assert len(files) > 100 and sum(map(len, files.values())) < 500_000
    assert all(path.name == minimise.name(data) and len(data) <= oracle.SIZE for path, data in files.items())


@pytest.mark.parametrize("seed", range(3))
def test_changed_certificates(seed: int) -> None:
    """Without coverage, but on any platform: certificates changed by their structure get far, and break nothing."""
    paths = sorted(path for path in FOLDER.glob("*/*.jsonl") if path.stat().st_size < 3000)
    accepted, refused = 0, set[str]()
    for k, path in enumerate(paths[seed::5]):
        other = paths[(7 * k + seed) % len(paths)].read_bytes() if k % 3 == 0 else None
        data = Mutator(1000 * seed + k).certificate(path.read_bytes(), other)
        if data is not None:
            found = oracle.kernel(data)
            oracle.second(data, found)
            accepted += isinstance(found, Certificate)
            refused |= {found.rule} if isinstance(found, CertificateError) else set()
    assert accepted > 10 and len(refused) > 10


def test_a_change_is_the_same_for_the_same_seed() -> None:
    data = good("relu_map")
    changed = [Mutator(k).certificate(data) for k in range(50)]
    assert changed == [Mutator(k).certificate(data) for k in range(50)]
    assert len(set(changed)) > 25
    assert Mutator(0).certificate(b"\xff\n") is None is Mutator(0).certificate(b"[]\n[]\n[]\n")


def loops(_: bytes) -> Certificate:
    while True:
        pass


def raises(error: BaseException):  # type: ignore[no-untyped-def]
    def made(_: bytes) -> Certificate:
        raise error

    return made


@pytest.mark.parametrize(
    ("does", "found"),
    [
        (loops, "more than 0.3 seconds"),
        (raises(KeyError("x")), "KeyError"),
        (raises(MemoryError()), "MemoryError"),
        (raises(CertificateError(99, "local", "no")), "incomplete refusal: line 99"),
        (raises(CertificateError(0, "local", "no")), "incomplete refusal: line 0"),
        (raises(CertificateError(2, "no_such_rule", "no")), "no_such_rule"),
        (raises(CertificateError(2, "local", "")), "incomplete refusal"),
        (raises(CertificateError(2, "local", "two\nlines")), "incomplete refusal"),
        (raises(CertificateError(2, "local", "x" * 501)), "501 characters"),
        (lambda _: Certificate("", (), 0), "accepted without a claim"),
        (lambda _: None, "accepted without a claim"),
    ],
)
def test_the_oracle_finds_what_is_wrong(does, found: str, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(certificate, "replay", does)
    with pytest.raises(oracle.Broken, match=found):
        oracle.kernel(good("log"), seconds=0.3)


def test_the_oracle_finds_checkers_that_part(monkeypatch: pytest.MonkeyPatch) -> None:
    data = good("log")
    refusal = CertificateError(2, "", "not at all")
    with pytest.raises(oracle.Broken, match="accepts what the kernel refuses"):
        oracle.second(data, refusal)
    monkeypatch.setattr(oracle, "difference", raises(ZeroDivisionError()))
    assert replay.broken(data) is not None


def test_memory_is_limited() -> None:
    code = "from tests.fuzz import oracle; oracle.limit_memory(50); bytearray(2**20); bytearray(2**27)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode and "MemoryError" in done.stderr


def test_only_inputs_that_show_something_new_are_kept() -> None:
    small, large = good("log"), good("relu_map")
    assert minimise.chosen([large, small, large, b"{}"]) == [b"{}", small, large]
    assert minimise.chosen([small.replace(b'"x"', b'"y"'), small]) == [small]


def test_a_few_seconds_of_fuzzing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the fuzzer needs atheris: pip install -e '.[fuzz]'")
    started = time.monotonic()
    done = command("tests.fuzz.reader", "--seconds", "5", "--keep", str(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    assert "DONE" in done.stderr and time.monotonic() - started < 300
