"""The page of one op: formula, map, evidence, kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

from .tables import print_map, print_tensor_op


def write_page(name: str, out: TextIO) -> None:
    """Everything about one op, in text."""
    from hasderiv.proofs import query
    from hasderiv.proofs.language.from_sympy import surface
    from hasderiv.proofs.language.printer import show
    from hasderiv.spec import OPS

    spec = OPS[name]
    params = "".join(f", {p}" if _required(v) else f", {p}={v}" for p, v in spec.params.items())
    head = f"{name}({', '.join(spec.inputs)}{params})"
    out.write(f"{head}\n{'=' * len(head)}\n")
    if spec.meaning:
        out.write(f"{spec.meaning}\n")
    out.write(f"\nFormula      {show(surface(spec))}\n")
    for condition in spec.assume:
        out.write(f"Assumes      {condition}\n")
    for variable, derivative in spec.derivative.items():
        if derivative is not None:
            out.write(f"d/d{variable:<10}{show(surface(spec, ('derivative', variable)))}\n")
    stable = surface(spec, "stable")
    if stable is not None:
        out.write(f"Computed as  {show(stable)}\n")
    if by_hand := _by_hand(name):
        out.write(f"By hand      {by_hand}: not printed from a formula, but measured against it (T1, T2)\n")
    if spec.source:
        out.write(f"Source       {spec.source}\n")
    out.write("\n")
    try:
        found = query.where(name)
        for part in [*(found.argument(m.variables[0]) for m in found.arguments), found]:
            print_map(out, f"Map in {part.variable}", part.pieces)
            out.write("\n")
        _write_orders(name, out)
    except (ImportError, FileNotFoundError, ValueError) as error:
        out.write(f"Map          not available: {error}\n\n")
    _write_evidence(name, out)
    for title, path in kernel_files(name):
        out.write(f"\n{title} kernel ({path.name})\n")
        out.write(path.read_text(encoding="utf-8").rstrip() + "\n")


def write_tensor_page(name: str, out: TextIO) -> None:
    """Everything about the tensor ops of a name: their formulas, and what their certificates prove."""
    from hasderiv.proofs import checker, query
    from hasderiv.proofs.tensor import catalogue

    for member in catalogue.members(name):
        spec = catalogue.spec_of(member)
        out.write(f"{spec.head}\n{'=' * len(spec.head)}\n{spec.meaning}\n\n")
        out.write(f"Source       {spec.source}\n\n")
        try:
            print_tensor_op(out, query.where(member))
        except ValueError as error:
            out.write(f"Map          not available: {error}\n")
        result = checker.check_op(member)
        out.write(f"\nEvidence\n  T0 {result.verdict}: {result.message} ({result.file})\n")
        for h in result.hypotheses or ():
            out.write(f"     needs {h}\n")
        for line in checker.statements(catalogue.replayed(member).claims, 2000) if result.good else ():
            out.write(f"     {line}\n")


def _write_orders(name: str, out: TextIO) -> None:
    """The derivatives of order 2 and 3 that are certified."""
    from hasderiv.proofs.higher import higher
    from hasderiv.proofs.statements import orders_of
    from hasderiv.spec import OPS

    for order in orders_of(OPS[name]):
        for x, answers in higher(name, order).items():
            print_map(out, f"Derivative of order {order} in {x}", answers)
            out.write("\n")


def _write_evidence(name: str, out: TextIO) -> None:
    """Tier T0: what the kernel replayed.  T1: what a sweep over float32 found.  T2: what was found at samples."""
    from hasderiv.proofs import catalogue, checker

    out.write("Evidence\n")
    result = checker.check_op(name)
    out.write(f"  T0 {result.verdict}: {result.message} ({result.file})\n")
    for h in result.hypotheses or ():
        out.write(f"     needs {h}\n")
    if result.good:
        for line in checker.statements(catalogue.replayed(name).claims):
            out.write(f"     {line}\n")
        for what, note in catalogue.stable_forms(name).items():
            out.write(f"     the {what} is {note}\n")
    for line in (*_swept(name), *_sampled(name)):
        out.write(f"  {line}\n")


def _by_hand(name: str) -> str:
    """What of an op is a core of its own or written out."""
    from hasderiv.runtime.codegen.elementary import WHOLE
    from hasderiv.runtime.codegen.written_out import WRITTEN_OUT

    keys = [*WHOLE.get(name, {}), *WRITTEN_OUT.get(name, {})]
    return ", ".join("the value" if not key else key if "_" in key or key == "third" else f"d/d{key}" for key in keys)


def _swept(name: str) -> list[str]:
    from hasderiv.sweeping import evidence

    found = evidence.read(name)
    if found is None:
        return [] if name not in evidence.unary() else ["T1 none: floating-point errors have not been swept"]
    if stale := evidence.stale(name):
        return [f"T1 none: the kernel has changed since its sweep ({', '.join(stale)}); hasderiv sweep {name} --write"]
    lines = []
    for what, r in found["routines"].items():
        share = "every float32 number" if r["stride"] == 1 else f"every {r['stride']}th float32 number"
        lines.append(
            f"T1 {what}: error at most {r['largest_ulp']:.3f} ULP over {share} (at {float.fromhex(r['at']):.9g}), "
            f"{r['failures']} false NaN, infinities or zeros"
        )
    return lines


def _sampled(name: str) -> list[str]:
    from hasderiv.sweeping import samples, samples_evidence

    if name not in samples.names():
        return ["T2 none: ops of more than two inputs are not sampled"]
    lines = []
    for dtype in ("float32", "float64"):
        wanted = samples.keys(name, dtype)
        found = (samples_evidence.read(name, dtype) or {"routines": {}})["routines"]
        stale = samples_evidence.stale(name, dtype)
        for key in wanted:
            if key in stale:
                options = f"--dtype {dtype} --samples {samples_evidence.FEWEST} --write"
                lines.append(f"T2 {dtype} {key}: none; hasderiv sweep {name} {options}")
                continue
            r = found[key]
            at = ", ".join(f"{float.fromhex(v):.9g}" for v in r["at"])
            goal, count = samples_evidence.verdict(name, key, dtype, r), r["random_inputs"] + r["hard_inputs"]
            lines.append(
                f"T2 {dtype} {key}: error at most {r['largest_ulp']:.4g} ULP at {count:,} samples "
                f"(at {at}), {r['failures']} false NaN, infinities or zeros{goal and f'; goal {goal}'}"
            )
    return lines


def _required(default: Any) -> bool:
    return getattr(default, "name", "") == "REQUIRED"


def kernel_files(name: str) -> list[tuple[str, Path]]:
    """The generated sources of an op that are there."""
    import hasderiv.cuda_kernels
    import hasderiv.runtime

    places = [
        ("NumPy", Path(hasderiv.runtime.__file__).parent / "generated" / f"{name}.py"),
        ("LLVM", Path(hasderiv.runtime.__file__).parent / "generated" / f"{name}.ll"),
        ("CUDA", Path(hasderiv.cuda_kernels.__file__).parent / "generated" / f"{name}.cu"),
    ]
    return [(title, path) for title, path in places if path.is_file()]
