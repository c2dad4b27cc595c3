"""What theorems say is made of values that nobody changes afterwards."""

from __future__ import annotations

import typing
from dataclasses import FrozenInstanceError, fields

import pytest
from hasderiv.proofs.kernel.conclusions import Conclusion, Pullback


@pytest.mark.parametrize("kind", [*typing.get_args(Conclusion), Pullback], ids=lambda kind: kind.__name__)
def test_a_conclusion_is_frozen_and_takes_no_more_fields(kind: type) -> None:
    made = kind(*(object() for _ in fields(kind)))
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(made, field.name, None)
    assert not hasattr(made, "__dict__")
    assert hash(made) == hash(made) and made == made
