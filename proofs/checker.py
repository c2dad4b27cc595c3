"""Checking: ops of the catalogue, certificates, claims tables, a user's Python file, folders of these.

Ops and certificates are replayed by the kernel in this process, which never loads the prover for them.  Claims
and a user's definitions are proved by worker processes whose certificates are replayed here.
"""

from __future__ import annotations

import gc
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .kernel.certificate import Certificate, CertificateError, fingerprint, replay
from .kernel.conclusions import (
    Defined,
    HasDeriv,
    Holds,
    Local,
    Map,
    NotDifferentiable,
    NthDerivative,
    Operator,
    Program,
    Side,
    Somewhere,
    Undefined,
    Within,
)
from .kernel.terms import Literal
from .kernel.theorems import Theorem, hyps_of
from .results import Result

SUFFIXES = (".toml", ".jsonl")
MAX_FILE = 100 * 2**20
MAX_STATED = 20
Done = Callable[[Result], None]


class Usage(ValueError):
    """A target that cannot be checked at all: no such op or file, a kind that is not known, nothing in it."""


@dataclass(frozen=True)
class Target:
    """One thing to check: ``kind`` is op, claims, certificate or python.  ``listed`` is False inside a folder."""

    kind: str
    name: str
    listed: bool = True


def targets(names: Sequence[str]) -> list[Target]:
    """What the arguments of ``hasderiv check`` mean; without any, the whole catalogue.

    Raises:
        Usage: an argument that means nothing.
    """
    from .tensor.catalogue import members

    if not names:
        return [Target("op", op) for op in _ops()]
    out: list[Target] = []
    for name in names:
        if not name:
            raise Usage("an empty name: give an op, a file or a folder")
        path = Path(name)
        if path.suffix in (".toml", ".jsonl", ".py") and not path.is_dir():
            if not path.exists():
                raise Usage(f"{name}: no such file")
            kind = {".toml": "claims", ".jsonl": "certificate", ".py": "python"}[path.suffix]
            out.append(Target(kind, name))
        elif name in _ops():  # a folder of the same name is meant by ./name
            out.append(Target("op", name))
        elif members(name):
            out += [Target("op", member) for member in members(name)]
        elif path.is_dir():
            out += _folder(path)
        elif path.is_file():
            raise Usage(f"{name}: neither a claims table (.toml), a certificate (.jsonl) nor a Python file (.py)")
        else:
            raise Usage(_unknown(name))
    return list(dict.fromkeys(out))


def _folder(path: Path) -> list[Target]:
    """The tables and certificates below a folder.  Python files run code, so they are checked only when named."""
    found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    return [Target("claims" if p.suffix == ".toml" else "certificate", str(p), listed=False) for p in found]


def _ops() -> list[str]:
    from .language import catalogue
    from .tensor.catalogue import names

    return [*catalogue.names(), *names()]


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, _ops(), 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name}: no such op, file or folder{hint}"


def count(found: Sequence[Target]) -> int:
    """How many results to expect: the length of a progress bar."""
    from .claims import table

    total = 0
    for t in found:
        if t.kind == "claims":
            try:
                total += len(table.load(t.name))
                continue
            except table.ClaimError:
                pass
        total += 1
    return total


Beside = Callable[[Result, Iterable[bytes]], Result]
"""Another checker: what it makes of a result and the certificates on which that rests."""


def alone(result: Result, certificates: Iterable[bytes]) -> Result:
    """The result as it is: the kernel alone decides."""
    return result


def run(
    found: Sequence[Target],
    seconds: float = 5.0,
    jobs: int | None = None,
    done: Done = lambda r: None,
    beside: Beside = alone,
) -> list[Result]:
    """Check the targets in order; ``done`` is called with each result as it comes.

    ``beside`` is given each result and the certificates on which it rests, and may say that another checker differs.
    """
    out: list[Result] = []
    for t in found:
        if t.kind == "claims":
            out += check_claims(t.name, seconds, jobs, done, strict=t.listed, beside=beside)
            continue
        single = {"op": check_op, "certificate": check_certificate}.get(t.kind)
        with _no_collection():
            results = [beside(single(t.name), _files(t))] if single else list(check_python(t.name, seconds, beside))
        for r in results:
            done(r)
        out += results
    return out


def _files(t: Target) -> Iterator[bytes]:
    """The certificates of an op, or the one that is named, as far as they can be read."""
    from .catalogue import orders_path, path_of
    from .tensor import catalogue as tensors

    if t.kind == "certificate":
        paths = [Path(t.name)]
    else:
        paths = [tensors.path_of(t.name)] if t.name in tensors.names() else [path_of(t.name), orders_path(t.name)]
    for path in paths:
        with suppress(OSError):
            yield path.read_bytes()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Replay makes many objects and no cycles: looking for cycles would cost a tenth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


# --- certificates -----------------------------------------------------------------------------------


def check_certificate(path: str) -> Result:
    """Replay a certificate; the message says what it proves.

    One with the name of a certificate of the catalogue, or about the formula of one of its ops, must be the one that
    was built, by its sha256: an altered copy is refused even where it happens to prove something.  Any other is
    compared with no spec: the reader is.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        return Result(Path(path).stem, "rejected", path, None, f"cannot be read: {error.strerror or error}")
    try:
        found = replay(data)
    except CertificateError as error:
        return Result(Path(path).stem, "rejected", path, error.line or None, _refusal(error))
    why = misnamed(Path(path).name, data, found)
    if why is not None:
        return Result(Path(path).stem, "rejected", path, 1, why)
    said = "; ".join(statements(found.claims))
    return Result(Path(path).stem, "accepted", path, None, said, None, tuple(_hypotheses(found.claims)))


def misnamed(file: str, data: bytes, found: Certificate) -> str | None:
    """Why a certificate that replays is not what its header or its file name says it is, where that is so."""
    from .identity import StatementError, built_for, identities, require_identity
    from .tensor import catalogue as tensors

    subjects = dict.fromkeys(t for th in found.claims if (t := getattr(th.conclusion, "term", None)) is not None)
    if subjects and found.spec not in map(fingerprint, subjects):  # each costs what its term is long: up to the first
        return "no claim is about the term whose fingerprint the header gives"
    same = built_for(found.spec)
    name = file.removesuffix(".jsonl")
    of_tensors = tensors.file_of(name) in identities()
    file = tensors.file_of(name) if of_tensors else file
    if file not in identities() and not same:
        return None
    try:
        if of_tensors:
            tensors.compare(tensors.statement_of(name), found)
        elif file in identities() and not file.endswith(".orders.jsonl"):
            from .catalogue import compare, spec_of

            compare(spec_of(name), found)
        require_identity(file if file in identities() else same, data)
    except StatementError as error:
        return str(error)
    return None


def _refusal(error: CertificateError) -> str:
    return f"{error.rule}: {error.why}" if error.rule and not error.why.startswith(error.rule) else error.why


def statements(theorems: Sequence[Theorem], limit: int = 300) -> list[str]:
    """What theorems say, one line each; of many the first :data:`MAX_STATED`."""
    more = len(theorems) - MAX_STATED
    stated = [_statement(th, limit) for th in theorems[:MAX_STATED]]
    return [*stated, f"and {more} more"] if more > 0 else stated


def _statement(th: Theorem, limit: int) -> str:
    from .language.printer import show, show_conditions, show_literal

    c = th.conclusion
    hyps = sorted(_first(th.hyps), key=lambda h: (h.relation, show(h.term, 200)))
    under = f" for {show_conditions(hyps, limit)}" if hyps else ""
    under += f" and {len(th.hyps) - len(hyps)} more" if len(th.hyps) > len(hyps) else ""
    cited = f" [cited: {', '.join(sorted(th.cites))}]" if th.cites else ""
    if type(c) is HasDeriv:
        said = f"{show(c.term, limit)} has derivative {show(c.derivative, limit)}"
    elif type(c) is NthDerivative:
        said = f"derivative {c.order} of {show(c.term, limit)} in {c.x} is {show(c.derivative, limit)}"
    elif type(c) is NotDifferentiable:
        said = f"{show(c.term, limit)} is not differentiable ({c.reason})"
    elif type(c) is Map:
        known = sum(v is not None for _, v in c.pieces)
        said = f"map of {show(c.term, limit)} in {', '.join(sorted(c.vary))}: {len(c.pieces)} pieces, {known} proved"
    elif type(c) is Holds:
        said = show_literal(c.literal, limit)
    elif type(c) is Defined:
        said = f"{show(c.term, limit)} is defined"
    elif type(c) is Local:
        said = f"{show(c.term, limit)} is continuous near the point"
    elif type(c) is Undefined:
        said = f"{show(c.term, limit)} has no value"
    elif type(c) is Side:
        where = "right" if c.sign == 1 else "left"
        slope = c.slope if isinstance(c.slope, str) else show(c.slope, limit)
        said = f"{show(c.term, limit)} has derivative {slope} in {c.x} from the {where}"
    elif type(c) is Somewhere:
        said = f"at some point {show_conditions(c.piece, limit)}"
    elif type(c) is Program:
        from .graph.stating import program

        said = program(c)
    elif type(c) is Within:
        said = f"one of {len(c.pieces)} pieces holds"
    else:
        said = "an operation with its adjoint" if type(c) is Operator else "an operation of a graph"
    return said + under + cited


def _first(hyps: Iterable[Literal]) -> list[Literal]:
    """The first :data:`MAX_STATED`, chosen without rendering any: rendering all is what a hostile file makes costly."""
    return heapq.nsmallest(MAX_STATED, hyps, key=lambda h: (h.term.serial, h.relation))


def _hypotheses(theorems: Sequence[Theorem]) -> list[str]:
    """What theorems assume, all told and each of it once; of many hypotheses the first."""
    from .language.printer import show_literal

    hyps = hyps_of(theorems)
    more = [f"and {len(hyps) - MAX_STATED} more"] if len(hyps) > MAX_STATED else []
    cited = sorted(frozenset().union(*(th.cites for th in theorems)))
    return [*sorted(show_literal(h, 300) for h in _first(hyps)), *more, *cited]


def _needed(th: Theorem) -> list[str]:
    """What a map assumes, and the cited facts.  The hypotheses of other theorems are pieces of a map."""
    from .language.printer import show_literal

    assumed = th.conclusion.assume if type(th.conclusion) is Map else ()
    return [*(show_literal(h, 300) for h in assumed), *sorted(th.cites)]


# --- ops --------------------------------------------------------------------------------------------


def check_op(name: str) -> Result:
    """Replay the certificate of an op and compare its statements with the spec."""
    from .tensor import catalogue as tensors

    return _check_tensor(name) if name in tensors.names() else _check_scalar(name)


def _check_tensor(name: str) -> Result:
    """A tensor op: its JVP and its VJP, for all sizes."""
    from .tensor.catalogue import check, path_of, statement_of

    file = _shown(path_of(name))
    try:
        theorems = check(name)
    except CertificateError as error:
        return Result(name, "rejected", file, error.line or None, _refusal(error))
    except FileNotFoundError:
        return Result(name, "undecided", file, None, "there is no certificate; hasderiv build makes it")
    except ValueError as error:
        return Result(name, "rejected", file, None, str(error))
    from .language.printer import show_literal

    claimed = statement_of(name)
    needed = {h for th in theorems for h in th.hyps}.intersection((*claimed.hypotheses, *claimed.conditions))
    hypotheses = tuple(sorted(show_literal(h, 300) for h in needed))
    message = "JVP and adjointness, for all sizes" + ("; no derivative at a tie" if claimed.tie else "")
    return Result(name, "proved", file, None, message, None, hypotheses)


def _check_scalar(name: str) -> Result:
    """An elementwise op: its maps, stable forms and derivatives of higher order."""
    from .catalogue import check as check_statements
    from .catalogue import check_orders, orders_path, path_of, seams

    file = _shown(path_of(name))
    try:
        theorems = check_statements(name)
        file = _shown(orders_path(name))
        theorems += check_orders(name)
        file = _shown(path_of(name))
    except CertificateError as error:
        return Result(name, "rejected", file, error.line or None, _refusal(error))
    except FileNotFoundError:
        return Result(name, "undecided", file, None, "there is no certificate; hasderiv build makes it")
    except ValueError as error:
        return Result(name, "rejected", file, None, str(error))
    hypotheses = tuple(dict.fromkeys(h for th in theorems for h in _needed(th)))
    gaps = [c for th in theorems if type(th.conclusion) is Map for c, v in th.conclusion.pieces if v is None]
    message = f"{len(theorems)} theorems"
    if gaps:
        from .language.printer import show_conditions

        message += f"; not covered: {', '.join(dict.fromkeys(show_conditions(c, 200) for c in gaps))}"
    left_out = seams(name)
    if left_out:
        from .language.printer import show_conditions

        message += f"; orders 2 and 3 not for {', '.join(show_conditions(c, 200) for _, c in left_out)}"
    return Result(name, "proved", file, None, message, None, hypotheses)


def _shown(path: Path) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return str(path)


# --- claims -----------------------------------------------------------------------------------------


def check_claims(
    path: str,
    seconds: float = 5.0,
    jobs: int | None = None,
    done: Done = lambda r: None,
    strict: bool = True,
    beside: Beside = alone,
) -> list[Result]:
    """The verdicts on a claims table.  With ``strict`` False a TOML file without claims is passed over."""
    from .claims import runner, table

    try:
        entries = table.load(path)
    except table.ClaimError as error:
        if not strict and "makes no claim" in error.message:
            return []
        broken = Result(Path(path).name, "rejected", path, error.line, error.message)
        done(broken)
        return [broken]
    results: dict[int, Result] = {}
    claims = []
    for k, entry in enumerate(entries):
        if isinstance(entry, table.ClaimError):
            results[k] = Result(entry.claim or f"number {k + 1}", "undecided", path, entry.line, entry.message)
            done(results[k])
        else:
            claims.append((k, entry))

    def finished(verdict: runner.Verdict) -> None:
        done(_result(verdict, beside))

    for (k, _), verdict in zip(claims, runner.run([c for _, c in claims], seconds, jobs, finished), strict=True):
        results[k] = _result(verdict, beside)
    return [results[k] for k in sorted(results)]


def _result(v: object, beside: Beside) -> Result:
    from .claims.verdict import Verdict

    assert isinstance(v, Verdict)
    return beside(Result(v.name, v.verdict, v.file, v.line, v.message, v.point, v.hypotheses), v.certificates)


# --- a user's Python file ---------------------------------------------------------------------------


def check_python(path: str, seconds: float = 5.0, beside: Beside = alone) -> Iterator[Result]:
    """Run a Python file in a process of its own and prove every op that it defines."""
    from .userfile import check_file

    yield from check_file(path, seconds, beside)


def check(target: str, seconds: float = 5.0) -> list[Result]:
    """Check one op or path and return the results.

    Raises:
        Usage: there is no such op or file, or nothing in it to check.
    """
    results = run(targets([str(target)]), seconds)
    if not results:
        raise Usage(f"{target}: nothing was checked")
    return results
