"""The public names: each one that is listed is there, and an unknown one is an AttributeError."""

from __future__ import annotations

import types

import pytest

import hasderiv as hd

from .house import FOLDERS


@pytest.mark.parametrize("name", sorted(hd.__all__))
def test_public_name_resolves(name: str) -> None:
    value = getattr(hd, name)
    assert callable(value) or isinstance(value, str | types.ModuleType) or name == "ops"


def test_every_op_is_a_function_by_its_name() -> None:
    assert len(hd.ops) > 0
    for name in hd.ops:
        if name not in hd.__all__:
            assert getattr(hd, name) is hd.ops[name]


def test_dir_lists_ops_and_public_names() -> None:
    assert {*hd.__all__, *hd.ops} <= set(dir(hd))


@pytest.mark.parametrize("name", ["no_such_op", "_private"])
def test_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(hd, name)


def test_errors_are_the_built_in_kinds_too() -> None:
    kinds = {
        "ShapeError": ValueError,
        "DTypeError": TypeError,
        "DomainError": ValueError,
        "DeviceError": RuntimeError,
        "CertificateError": ValueError,
        "ClaimError": ValueError,
    }
    for name, kind in kinds.items():
        assert issubclass(getattr(hd, name), (hd.Error,)) and issubclass(getattr(hd, name), kind)


def test_no_module_of_the_face_takes_the_place_of_a_public_name() -> None:
    taken = {path.stem for path in FOLDERS["hasderiv"].glob("*.py")} | {"spec", "proofs", "runtime", "cuda_kernels"}
    assert taken.isdisjoint({*hd.__all__, *hd.ops} - {"__version__"})


def test_a_name_defined_here_hides_no_op_of_the_catalogue() -> None:
    """``hd.select`` takes plain booleans and arrays too, and stands for the op of that name."""
    assert set(hd.ops) & set(hd.__all__) <= {"select"}
