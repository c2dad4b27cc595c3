"""The checker that is proved sound in Coq, beside the kernel: both must say the same of every claim.

``make -C proofs/coq`` builds the program.  It prints what it proved, and :func:`disagreement` compares that, claim by
claim, with what the kernel proved: hypotheses, function, derivative, pieces.  ``python proofs/coq/verified.py FILE...``
does so for certificates, and holds their headers against their claims, which the program does not.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from hasderiv.proofs.agreement import agreement
from hasderiv.proofs.checker import misnamed
from hasderiv.proofs.kernel.certificate import CertificateError, replay
from hasderiv.proofs.kernel.conclusions import (
    Conclusion,
    Defined,
    HasDeriv,
    Holds,
    Local,
    NotDifferentiable,
    NthDerivative,
    Operator,
    Program,
    Side,
    Slope,
    Somewhere,
    Step,
    Undefined,
    Within,
)
from hasderiv.proofs.kernel.terms import Literal, Term, postorder
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.results import Result

HERE: Final = Path(__file__).resolve().parent
PROGRAM: Final = HERE / "build" / "hasderiv-verify"
NEEDS: Final = "apt-get install coq libcoq-coquelicot ocaml-findlib"
ACCEPTED: Final = re.compile(r"accepted .* [0-9a-f]{64} (?P<claims>\d+) claims(?P<assumes>, assuming the cited facts)?")
REFUSED: Final = re.compile(r"refused .* line \d+: .*")
CLAIM: Final = re.compile(r"(?P<line>\d+): (?P<claim>.*)")

GIVES_UP: Final = ("the term is too large when written out", "outside the ledger of cited facts are not supported")
"""How refusals end that are about what the verified checker can do, and not about what is true."""


class NotBuilt(RuntimeError):
    """There is no verified checker that can be run; says in one line what to do."""


def install(here: Path = HERE) -> str:
    """How to get the program: in a source tree ``make`` puts it where it is looked for, elsewhere on the path."""
    if (here / "Makefile").exists():
        near = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
        return f"{NEEDS} && make -C {near}"
    built = "in hasderiv's source tree, then add its folder proofs/coq/build to PATH"
    return f"{NEEDS} && make -C proofs/coq {built} (or install that tree with pip install -e .)"


class Verdict(NamedTuple):
    """What the verified checker says of a file: why it refuses it, or its claims as text, by line number.

    ``assumes`` says whether it took cited facts for granted.
    """

    refusal: str | None
    claims: dict[int, str]
    assumes: bool = False

    @property
    def gives_up(self) -> str | None:
        """Why the refusal says nothing about the certificate, where it does not."""
        why = (self.refusal or "").partition(": ")[2] or self.refusal or ""
        return why if why.startswith("stopped with status") or why.endswith(GIVES_UP) else None


def program() -> Path:
    """The program: where ``make`` puts it, else the one on the path.

    Raises:
        NotBuilt: there is no such program.
    """
    elsewhere = shutil.which(PROGRAM.name)
    if not PROGRAM.exists() and elsewhere is None:
        raise NotBuilt(f"the verified checker is not built: {install()}")
    return PROGRAM if elsewhere is None or PROGRAM.exists() else Path(elsewhere)


def verify(paths: Sequence[str | Path]) -> list[Verdict]:
    """Run the verified checker on certificates.

    Raises:
        NotBuilt: there is no such program.
    """
    found = program()
    # so that neither a certificate that repeats itself without end nor its claims exhaust the machine
    limited = ["sh", "-c", 'ulimit -v 4000000 -t 120; exec "$0" "$@"', str(found), *map(str, paths)]
    done = subprocess.run(limited, capture_output=True, text=True, errors="replace", check=False)
    finished = done.returncode in (0, 1)
    out = _verdicts(done.stdout[: done.stdout.rfind("\n") + 1], finished)
    if out is None or len(out) > len(paths) or (finished and len(out) < len(paths)) or done.returncode in (126, 127):
        raise NotBuilt(f"{found} is another program, or one that is damaged; to build hasderiv's: {install()}")
    return [*out, *[_stopped(done.returncode)] * (len(paths) - len(out))]


def _stopped(status: int) -> Verdict:
    return Verdict(f"stopped with status {status}", {})


def _verdicts(said: str, finished: bool) -> list[Verdict] | None:
    """What the program said, or ``None`` where it is not what ``hasderiv-verify`` says.

    One that was stopped may have left the claims of its last certificate unsaid: then that one has no verdict.
    """
    out: list[tuple[Verdict, int]] = []
    for line in said.split("\n")[:-1]:
        if accepted := ACCEPTED.fullmatch(line):
            out.append((Verdict(None, {}, accepted["assumes"] is not None), int(accepted["claims"])))
        elif REFUSED.fullmatch(line):
            out.append((Verdict(line, {}), 0))
        elif (claim := CLAIM.fullmatch(line)) and out:
            out[-1][0].claims[int(claim["line"])] = claim["claim"]
        else:
            return None
    if not finished and out and len(out[-1][0].claims) != out[-1][1]:
        out.pop()
    return [verdict for verdict, claims in out] if all(len(v.claims) == claims for v, claims in out) else None


def written(t: Term) -> str:
    """A term as the verified checker writes it."""
    done: dict[Term, str] = {}
    for s in postorder(t):
        below = " ".join(done[a] for a in s.terms)
        match s.op:
            case "rat":
                done[s] = str(s.args[0])
            case "pi":
                done[s] = "pi"
            case "var" | "d":
                done[s] = f"({s.op} {s.args[0]}{' ' * bool(below)}{below})"
            case "idx":
                done[s] = f"(idx {s.args[0]})"
            case "pow":
                done[s] = f"(pow {below} {s.args[1]})"
            case "cond" | "app":
                done[s] = f"({s.op} {s.args[0]} {below})"
            case _:
                done[s] = f"({s.op} {below})"
    return done[t]


def _literal(k: Literal) -> str:
    return f"({k.relation} {written(k.term)})"


def _list(items: Iterable[str]) -> str:
    return f"({' '.join(items)})"


def _piece(p: Iterable[Literal]) -> str:
    return _list(map(_literal, p))


def _optional(s: Slope | None) -> str:
    return "none" if s is None else s if isinstance(s, str) else written(s)


def _gap(c: NotDifferentiable) -> str:
    return f"{c.reason.replace(' ', '_')} {_optional(c.left)} {_optional(c.right)}"


def _verdict(v: HasDeriv | NotDifferentiable | Undefined | None) -> str:
    if isinstance(v, HasDeriv):
        return f"(has_deriv {written(v.derivative)})"
    if isinstance(v, NotDifferentiable):
        return f"(not_differentiable {_gap(v)})"
    return "unknown" if v is None else "undefined"


def _sizes(sizes: Iterable[Term]) -> str:
    return _list(map(written, sizes))


def _operator(o: Operator) -> str:
    pulls = _list(f"({p.symbol} {_sizes(p.sizes)} {written(p.term)})" for p in o.pullbacks)
    conditions = _list(sorted(map(_literal, o.conditions)))
    return f"{_sizes(o.sizes)} {written(o.term)} {written(o.derivative)} {pulls} {conditions}"


def _what(s: Step) -> str:
    return f"({_operator(s.operator)}) {_list(sorted(map(_literal, s.hyps)))}"


def _where(s: Step, what: str) -> str:
    operands = _list(f"({x} {source})" for x, source, _ in s.operands)
    return f"{s.symbol} {what} {operands} {_list(f'({x} {written(t)})' for x, t in s.fixed)}"


def _program(c: Program) -> str:
    """Each operator stands once, before the steps, which refer to it by its number."""
    texts = {(id(s.operator), id(s.hyps)): s for s in c.steps}
    whats = {key: _what(s) for key, s in texts.items()}
    number: dict[str, str] = {}
    rows = []
    for s in c.steps:
        what = number.setdefault(whats[id(s.operator), id(s.hyps)], str(len(number)))
        rows.append(f"({_where(s, what)})")
    inputs = _list(f"({x} {_sizes(sizes)})" for x, sizes in c.inputs)
    return f"program {inputs} {_list(f'({text})' for text in number)} {_list(rows)}"


def _conclusion(c: Conclusion) -> str:
    if isinstance(c, Operator):
        return f"operator {_operator(c)}"
    if isinstance(c, Step):
        return f"step {_where(c, f'({_what(c)})')}"
    if isinstance(c, Program):
        return _program(c)
    if isinstance(c, Holds):
        return f"holds {_literal(c.literal)}"
    if isinstance(c, Defined | Undefined):
        return f"{type(c).__name__.lower()} {written(c.term)}"
    if isinstance(c, Within):
        return f"within {_list(map(_piece, c.pieces))}"
    if isinstance(c, Somewhere):
        return f"somewhere {_piece(c.piece)}"
    if isinstance(c, NthDerivative):
        return f"nth_derivative {c.x} {c.order} {written(c.term)} {written(c.derivative)}"
    if isinstance(c, Side):
        reach = "none" if c.continuous is None else "continuous" if c.continuous else "jumps"
        return f"side {c.x} {'right' if c.sign == 1 else 'left'} {written(c.term)} {_optional(c.slope)} {reach}"
    about = f"{_list(sorted(c.vary))} {written(c.term)}"
    if isinstance(c, Local):
        return f"local {about} {_optional(c.derivative)}"
    if isinstance(c, HasDeriv):
        return f"has_deriv {about} {written(c.derivative)}"
    if isinstance(c, NotDifferentiable):
        return f"not_differentiable {about} {_gap(c)}"
    return f"map {about} {_piece(c.assume)} {_list(f'({_piece(p)} {_verdict(v)})' for p, v in c.pieces)}"


def statement(th: Theorem) -> str:
    """A theorem as the verified checker writes it."""
    return f"{_list(sorted(map(_literal, th.hyps)))} |- {_conclusion(th.conclusion)}"


def disagreement(data: bytes, verdict: Verdict) -> str | None:
    """Where the kernel and the verified checker differ about a certificate, or ``None``."""
    try:
        claims = replay(data).claims
    except CertificateError as error:
        return None if verdict.refusal is not None else f"only the kernel refuses: {error}"
    if verdict.refusal is not None:  # then nothing is written out: it refuses terms that are gigantic as trees
        return f"only the verified checker refuses: {verdict.refusal}"
    if [statement(th) for th in claims] != list(verdict.claims.values()):
        return "they prove different statements"
    if any(th.cites for th in claims) != verdict.assumes:
        return "they do not both assume cited facts"
    return None


def agreed_with(result: Result, certificates: Iterable[bytes]) -> Result:
    """The result, if the verified checker agrees about the certificates on which it rests."""
    given = list(certificates)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{k}.jsonl" for k in range(len(given))]
        for path, data in zip(paths, given, strict=True):
            path.write_bytes(data)
        found = verify(paths) if paths else []
    for data, verdict in zip(given, found, strict=True):
        if verdict.gives_up is not None:
            message = f"the verified checker gives up: {verdict.gives_up}"
            return replace(result, verdict="undecided", message=message)
        why = disagreement(data, verdict)
        if why is not None:
            return replace(result, verdict="rejected", message=why)
    if result.good and not given:
        return replace(result, verdict="undecided", message="there is no certificate for the verified checker")
    replays = all(verdict.refusal is None for verdict in found)
    return replace(result, message=agreement(result, "the verified checker", replays)) if given else result


def main(names: Sequence[str]) -> int:
    """Compare the two checkers on certificates, and their headers with what they claim; 0 where nothing differs."""
    failed = 0
    try:
        given = [Path(name).read_bytes() for name in names]
        verdicts = verify(names) if names else []
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except NotBuilt as error:
        print(error, file=sys.stderr)
        return 2
    for name, data, verdict in zip(names, given, verdicts, strict=True):
        why = disagreement(data, verdict)
        if why is None and verdict.refusal is None:
            why = misnamed(Path(name).name, data, replay(data))
        if why is not None:
            failed += 1
            print(f"{name}: {why}")
    print(f"{len(names) - failed} of {len(names)} certificates: both checkers say the same")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
