"""Checkpoints: a run that was interrupted ends with the same bits, and a file that does not fit changes nothing."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hasderiv as hd

safetensors = pytest.importorskip("safetensors.numpy")

RUN = """
import sys
import numpy as np
import hasderiv as hd

first, last, source, target = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
session = hd.Session(seed=5)
for name, shape in {"w": (6, 8), "b": (8,), "v": (8, 1)}.items():
    session.parameter(name, session.normal(shape, 0.3))
session.parameter("mean", np.zeros(8), requires_grad=False)
optimizer = hd.optim.AdamW(
    session.trainable, lr=hd.optim.warmup(5, then=hd.optim.cosine(0.05, 15)), clip=0.5
)
state = {"session": session, "optimizer": optimizer, "epoch": 0, "best": float("inf"), "history": np.zeros(20)}
if source != "-":
    state = hd.load_checkpoint(source, state)
for step in range(first, last):
    p, x = session.parameters, session.normal((16, 6))
    hidden = hd.tanh(x @ p["w"] + p["b"] + p["mean"])
    loss = hd.mse_loss(session.dropout(hidden, 0.3) @ p["v"], x[:, :1])
    session.assign("mean", p["mean"] * 0.9 + hidden.detach().mean(0) * 0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history = state["history"].copy()
    history[step] = loss.item()
    state = {**state, "epoch": step + 1, "best": min(state["best"], loss.item()), "history": history}
hd.save_checkpoint(target, state)
"""


def test_a_resumed_run_ends_with_the_same_bits(tmp_path: Path) -> None:
    def run(first: int, last: int, source: str, target: str) -> bytes:
        given = [str(first), str(last), source if source == "-" else str(tmp_path / source), str(tmp_path / target)]
        subprocess.run([sys.executable, "-c", RUN, *given], check=True, timeout=120)
        return (tmp_path / target).read_bytes()

    whole = run(0, 20, "-", "whole")
    run(0, 10, "-", "half")
    assert run(10, 20, "half", "resumed") == whole
    arrays = safetensors.load_file(tmp_path / "whole")
    assert (arrays["history"] > 0).all() and len(set(arrays["history"])) == 20


def made(kind: str = "AdamW"):
    p = {"w": hd.tensor(np.ones((2, 3), np.float32), requires_grad=True), "b": hd.tensor([1.0], requires_grad=True)}
    opt = getattr(hd.optim, kind)(p, 0.1)
    return {"params": p, "optimizer": opt, "epoch": 0, "best": 0.0, "key": 0}


def stepped(kind: str = "AdamW"):
    state = made(kind)
    for _ in range(3):
        g = {k: hd.tensor(np.full(p.shape, 0.5, p.dtype)) for k, p in state["params"].items()}
        state["optimizer"].step(g)
    return {**state, "epoch": 3, "best": 0.1 + 0.2, "key": 2**64 - 1}


def same(a, b) -> bool:
    pairs = [(a["params"][k].numpy(), b["params"][k].numpy()) for k in a["params"]]
    one, two = a["optimizer"], b["optimizer"]
    pairs += [(x[k], y[k]) for x, y in zip(one.state, two.state, strict=True) for k in x]
    numbers = all(a[k] == b[k] and type(a[k]) is type(b[k]) for k in ("epoch", "best", "key"))
    return (
        numbers
        and (one.steps, one.counts) == (two.steps, two.counts)
        and all(x.tobytes() == y.tobytes() and x.dtype == y.dtype for x, y in pairs)
    )


@pytest.mark.parametrize("kind", ["SGD", "Momentum", "Adam", "AdamW"])
def test_what_is_loaded_is_what_was_saved(kind: str, tmp_path: Path) -> None:
    path, saved, new = tmp_path / "a.safetensors", stepped(kind), made(kind)
    hd.save_checkpoint(path, saved)
    first = path.read_bytes()
    hd.save_checkpoint(path, saved)
    assert path.read_bytes() == first and [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
    loaded = hd.load_checkpoint(path, new)
    assert same(loaded, saved) and loaded["optimizer"] is new["optimizer"]
    assert loaded["params"]["w"] is new["params"]["w"]
    g = {k: hd.tensor(np.ones(p.shape, p.dtype)) for k, p in saved["params"].items()}
    for state in (saved, loaded):
        state["optimizer"].step(g)
        state["optimizer"].step(g)
    assert same(loaded, saved)


def test_every_dtype_and_value(tmp_path: Path) -> None:
    path = tmp_path / "a"
    arrays = {
        d: np.arange(6).reshape(2, 3).astype(d).T for d in ("float16", "float64", "bool", "int8", "uint64", "int32")
    }
    state = {
        **arrays, "empty": np.zeros((0, 3)), "scalar": hd.tensor(2.5), "nan": np.array([np.nan, -0.0, np.inf]),
        "half": hd.tensor(np.ones(3), dtype="bfloat16"), "list": [1, (2.5, "three")], "none": None, "flag": True,
        "big": -(2**80), "tiny": 5e-324, "not a number": float("nan"),
    }  # fmt: skip
    hd.save_checkpoint(path, state)
    blank = {k: np.zeros_like(v) if isinstance(v, np.ndarray) else v for k, v in state.items()}
    blank |= {"list": [0, (0.0, "")], "big": 0, "tiny": 0.0, "flag": False, "scalar": hd.tensor(0.0)}
    blank["half"] = hd.tensor(np.zeros(3), dtype="bfloat16")
    found = hd.load_checkpoint(path, blank)
    for name in (*arrays, "empty", "nan"):
        np.testing.assert_array_equal(found[name], state[name], strict=True)
    assert found["scalar"].item() == 2.5 and found["half"].tolist() == [1.0] * 3
    assert found["list"] == [1, (2.5, "three")] and found["flag"] is True and found["none"] is None
    assert found["big"] == -(2**80) and found["tiny"] == 5e-324 and np.isnan(found["not a number"])


def test_part_of_a_file(tmp_path: Path) -> None:
    path, saved, new = tmp_path / "a", stepped(), made()
    hd.save_checkpoint(path, saved)
    with pytest.raises(hd.CheckpointError, match="no place in the state"):
        hd.load_checkpoint(path, {"params": new["params"]})
    hd.load_checkpoint(path, {"params": new["params"]}, strict=False)
    assert np.array_equal(new["params"]["w"].numpy(), saved["params"]["w"].numpy())


def test_what_cannot_be_kept(tmp_path: Path) -> None:
    w = hd.tensor([1.0], requires_grad=True)
    for state, error in (
        ({"x": object()}, hd.DTypeError), ({"x": np.array([1j])}, hd.DTypeError), ({"x": {1, 2}}, hd.DTypeError),
        ({"x": w * 2}, hd.CheckpointError), ({"a.b": 1, "a": {"b": 2}}, hd.CheckpointError),
    ):  # fmt: skip
        with pytest.raises(error, match=r"'x'|'a\.b'"):
            hd.save_checkpoint(tmp_path / "a", state)
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError):
        hd.load_checkpoint(tmp_path / "none", {})


def test_without_the_library_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (hd.save_checkpoint, hd.load_checkpoint):
        with pytest.raises(hd.CheckpointError, match=r"pip install 'hasderiv\[checkpoint\]'"):
            call(tmp_path / "a", {})


# ---- hostile files


def parts(data: bytes) -> tuple[dict, bytes]:
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def joined(header: dict, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def values_of(header: dict) -> dict:
    return json.loads(header["__metadata__"]["hasderiv"])


def with_values(header: dict, change) -> dict:
    content = values_of(header)
    change(content)
    return {**header, "__metadata__": {"hasderiv": json.dumps(content)}}


W = "params.w"
HEADERS = {
    "a name that is gone": (lambda h: h.pop(W), None),
    "another name": (lambda h: h.update({"params.x": h.pop(W)}), W),
    "one name too many": (
        lambda h: h.update({"extra": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}),
        "extra",
    ),
    "another shape": (lambda h: h[W].update(shape=[3, 2]), W),
    "another number of axes": (lambda h: h[W].update(shape=[6]), W),
    "another dtype of the same size": (lambda h: h[W].update(dtype="I32"), W),
    "an unknown dtype": (lambda h: h[W].update(dtype="F33"), None),
    "a shape that is too large": (lambda h: h[W].update(shape=[2**40, 2**40]), None),
    "a negative shape": (lambda h: h[W].update(shape=[-2, -3]), None),
    "offsets beyond the end": (lambda h: h[W].update(data_offsets=[0, 10**6]), None),
    "offsets that overlap": (lambda h: h[W].update(data_offsets=h["params.b"]["data_offsets"]), None),
    "no metadata": (lambda h: h.pop("__metadata__"), "format"),
    "metadata of others": (lambda h: h.update(__metadata__={"format": "pt"}), "format"),
    "metadata that is no JSON": (lambda h: h.update(__metadata__={"hasderiv": "{"}), "format"),
    "metadata that is nested": (lambda h: h.update(__metadata__={"hasderiv": "[" * 100_000}), "format"),
    "another format": (
        lambda h: h.update(with_values(h, lambda c: c.update(format="hasderiv-checkpoint-9"))),
        "format",
    ),
}
VALUES = {
    "no epoch": (lambda v: v.pop("epoch"), "epoch"),
    "a value too many": (lambda v: v.update(more=["int", "1"]), "more"),
    "text for a number": (lambda v: v.update(epoch=["str", "3"]), "epoch"),
    "a float for an integer": (lambda v: v.update(epoch=["float", "0x1p+0"]), "epoch"),
    "a bool for an integer": (lambda v: v.update(epoch=["bool", "True"]), "epoch"),
    "a number as such": (lambda v: v.update(epoch=3), "epoch"),
    "a number that is none": (lambda v: v.update(epoch=["int", "three"]), "epoch"),
    "a number in another spelling": (lambda v: v.update(epoch=["int", " 3_0"]), "epoch"),
    "an endless number": (lambda v: v.update(epoch=["int", "9" * 10_000]), "epoch"),
    "a float too large": (lambda v: v.update(best=["float", "0x1p+99999"]), "best"),
    "a negative count": (lambda v: v.update({"optimizer.adamw.steps": ["int", "-1"]}), "optimizer.adamw.steps"),
    "a count beyond 64 bits": (lambda v: v.update({"optimizer.adamw.counts.w": ["int", str(2**64)]}), "counts.w"),
    "a list of three": (lambda v: v.update(epoch=["int", "3", "4"]), "epoch"),
}


def refused(path: Path, word: str | None) -> None:
    """The file is refused by an error that names it and the entry, and the state is as it was."""
    state, before = made(), made()
    with pytest.raises(hd.CheckpointError) as caught:
        hd.load_checkpoint(path, state)
    message = str(caught.value)
    assert str(path) in message and (word or "") in message and "\n" not in message
    assert same(state, before)


@pytest.mark.parametrize("change", HEADERS)
def test_headers_that_do_not_fit(change: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    hd.save_checkpoint(path, stepped())
    header, body = parts(path.read_bytes())
    edit, word = HEADERS[change]
    edit(header)
    path.write_bytes(joined(header, body))
    refused(path, word)


@pytest.mark.parametrize("change", VALUES)
def test_values_that_do_not_fit(change: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    hd.save_checkpoint(path, stepped())
    header, body = parts(path.read_bytes())
    edit, word = VALUES[change]
    path.write_bytes(joined(with_values(header, lambda content: edit(content["values"])), body))
    refused(path, word)


def test_a_file_of_another_optimizer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    hd.save_checkpoint(path, stepped("Adam"))
    refused(path, "optimizer.adamw")


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "a"
    hd.save_checkpoint(path, stepped())
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    for end in {0, 1, 7, 8, 9, size // 2, 8 + size, len(data) - 1}:
        path.write_bytes(data[:end])
        refused(path, None)
    for bad in (data + b"\0", b"\xff" * 8 + data[8:], struct.pack("<Q", 2**40) + data[8:], b"not a checkpoint"):
        path.write_bytes(bad)
        refused(path, None)
    rng = np.random.default_rng(0)
    right = stepped()["params"]["w"].numpy()
    for _ in range(300):  # a file whose header has one bit changed is refused, or loaded whole
        at, bit = int(rng.integers(8 + size)), 1 << int(rng.integers(8))
        path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        state, before = made(), made()
        try:
            loaded = hd.load_checkpoint(path, state)
        except hd.CheckpointError:
            assert same(state, before)
        else:
            assert np.array_equal(loaded["params"]["w"].numpy(), right)


def test_a_name_of_the_file_format(tmp_path: Path) -> None:
    with pytest.raises(hd.CheckpointError, match="__metadata__"):
        hd.save_checkpoint(tmp_path / "a", {"__metadata__": np.zeros(3), "w": np.ones(2)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">f2", ">i4", ">u8"])
def test_big_endian_arrays(dtype: str, tmp_path: Path) -> None:
    values = np.arange(6).reshape(2, 3).astype(dtype)
    hd.save_checkpoint(tmp_path / "a", {"x": values})
    loaded = hd.load_checkpoint(tmp_path / "a", {"x": np.zeros_like(values)})["x"]
    assert loaded.dtype.isnative and loaded.tolist() == values.tolist()


def test_masked_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(hd.DTypeError, match=r"'x'.*masked"):
        hd.save_checkpoint(tmp_path / "a", {"x": np.ma.masked_array([1.0, 2.0], [True, False])})


@pytest.mark.skipif(sys.platform == "win32", reason="no umask there")
def test_a_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    hd.save_checkpoint(tmp_path / "a", [1, np.zeros(2)])
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert {p.name for p in tmp_path.iterdir()} == {"plain", "a"}


def test_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in ("none", "file"):
        with pytest.raises(hd.CheckpointError, match=f"{folder}/a"):
            hd.save_checkpoint(tmp_path / folder / "a", [1])
