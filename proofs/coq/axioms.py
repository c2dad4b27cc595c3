"""Which axioms the Coq proofs rest on: the sources are scanned, Coq is asked, and both answers are checked.

``python proofs/coq/axioms.py [--recheck] [FOLDER]`` after the proofs are compiled; exit 0 only if every definition and
theorem of every file in the folder rests on the axioms of :data:`AXIOMS` alone.  With ``--recheck`` Coq's second
checker (``coqchk``) goes through all compiled proofs again, those of the libraries too: a minute or two.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent

AXIOMS: Final = {
    "Coq.Reals.ClassicalDedekindReals.sig_forall_dec": "a decidable property fails somewhere or nowhere",
    "Coq.Reals.ClassicalDedekindReals.sig_not_dec": "a negation holds or does not",
    "Coq.Logic.FunctionalExtensionality.functional_extensionality_dep": "functions with equal values are equal",
    "Coq.Logic.Classical_Prop.classic": "the law of excluded middle",
}
"""The axioms of the classical reals in Coq's own library: nothing else may be assumed."""
LIBRARIES: Final = {name.split(".")[-2] for name in AXIOMS}

FORBIDDEN: Final = re.compile(
    r"\b(Axioms?|Parameters?|Conjectures?|Admitted|admit|give_up|Primitive|Load|bypass_check"
    r"|Unset (?:Guard|Positivity|Universe) Checking|Declare ML Module)\b"
)
"""What a source could say to assume what it does not prove."""
PREDICATIVE: Final = ["Set", "is", "predicative"]
FORBIDDEN_FLAGS: Final = ("type-in-type", "impredicative-set", "bypass")
IN_SECTIONS: Final = re.compile(r"\b(Variables?|Hypothes[ie]s|Context)\b")
"""Words that are harmless in a section, where what is assumed becomes a premise of each lemma."""

_ATTRIBUTES: Final = r"(?:#\[[^\]]*\]\s*|(?:Local|Global|Program|Polymorphic|Monomorphic)\s+)*"
_NAMED: Final = re.compile(
    rf"{_ATTRIBUTES}(?:Lemma|Theorem|Corollary|Proposition|Remark|Fact|Example|Definition|Fixpoint|Instance)\s+([\w']+)"
)
_MODULE: Final = re.compile(rf"{_ATTRIBUTES}Module\s+(?:Import\s+|Export\s+|Type\s+)*(\w+)")
_BULLETS: Final = re.compile(r"[-+*{}\s]*")


class AxiomError(Exception):
    """The proofs assume more than they may, or nothing could be learnt about what they assume."""


def plain(source: str) -> str:
    """The source without comments, which nest, and without the contents of strings."""
    kept, depth = [], 0
    for piece in re.findall(r'\(\*|\*\)|"(?:[^"]|"")*"|.', source, re.S):
        if piece == "(*":
            depth += 1
        elif piece == "*)" and depth:
            depth -= 1
        elif not depth:
            kept.append('""' if piece.startswith('"') and len(piece) > 1 else piece)
    return "".join(kept)


def sentences(source: str) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Each sentence of a source, the modules around it, and whether it stands in a section."""
    around: list[tuple[str, str]] = []
    for raw in re.split(r"\.(?=\s|$)", plain(source)):
        sentence = " ".join(_BULLETS.sub("", raw, count=1).split())
        words = sentence.split()
        if words[:1] == ["End"] and len(words) == 2 and around and around[-1][1] == words[1]:
            around.pop()
        modules = tuple(name for kind, name in around if kind == "Module")
        yield sentence, modules, bool(around) and around[-1][0] == "Section"
        if words[:1] == ["Section"]:
            around.append(("Section", words[1]))
        elif (module := _MODULE.match(sentence)) and ":=" not in words:
            around.append(("Module", module[1]))


def complaints(source: str) -> list[str]:
    """What in the text of a source could assume something."""
    found = []
    for sentence, _, in_section in sentences(source):
        bad = FORBIDDEN.findall(sentence)
        if not in_section:
            bad += [f"{word} outside a section" for word in IN_SECTIONS.findall(sentence)]
        found += [f"{what} ({sentence[:60]})" for what in bad]
    return found


def names(source: str) -> list[str]:
    """The definitions and lemmas of a source, with the modules they stand in."""
    found = []
    for sentence, modules, _ in sentences(source):
        if named := _NAMED.match(sentence):
            found.append(".".join((*modules, named[1])))
    return list(dict.fromkeys(found))


def assumptions(folder: Path, wanted: dict[str, Sequence[str]]) -> set[str]:
    """The axioms on which the named constants rest, by module, as Coq reports them.

    Raises:
        AxiomError: Coq refuses the question, or answers in words that are not understood.
    """
    question = [f"From Hasderiv Require {' '.join(wanted)}."]
    for module, constants in wanted.items():
        everything = ", ".join(f"@Hasderiv.{module}.{name}" for name in constants)
        question.append(f"Definition all_of_{module.replace('.', '_')} := ({everything}, tt).")
    whole = ", ".join(f"all_of_{module.replace('.', '_')}" for module in wanted)
    question.append(f"Definition everything := ({whole}, tt).")
    question.append("Print Assumptions everything.")
    with tempfile.TemporaryDirectory() as scratch:
        ask = Path(scratch, "Ask.v")
        ask.write_text("\n".join(question) + "\n", encoding="utf-8")
        command = ["coqc", "-q", "-w", "none", "-R", str(folder.resolve()), "Hasderiv", ask.name]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AxiomError(f"coqc: {done.stderr.strip()[-500:]}")
    return understood(done.stdout)


def understood(answer: str) -> set[str]:
    """The names in an answer to ``Print Assumptions``."""
    lines = [line for line in answer.splitlines() if line.strip()]
    if lines == ["Closed under the global context"]:
        return set()
    if lines[:1] != ["Axioms:"] or len(lines) < 2:
        raise AxiomError(f"an answer that is not understood: {answer[:200]}")
    found = set()
    for line in lines[1:]:
        if line[0].isspace():
            continue
        named = re.fullmatch(r"([\w.']+)(?: :.*)?", line)
        if named is None:
            raise AxiomError(f"an answer that is not understood: {line}")
        found.add(named[1])
    return found


def rechecked(folder: Path, modules: Sequence[str]) -> set[str]:
    """The axioms that ``coqchk`` finds below the compiled modules.

    Raises:
        AxiomError: it refuses a proof, or something was compiled with weaker checks.
    """
    command = ["coqchk", "-silent", "-o", "-R", str(folder.resolve()), "Hasderiv", *(f"Hasderiv.{m}" for m in modules)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AxiomError(f"coqchk: {done.stderr.strip()[-500:]}")
    return summarised(done.stdout + done.stderr)


def summarised(summary: str) -> set[str]:
    """The axioms in the summary of ``coqchk``, which must say that nothing was compiled with weaker checks."""
    parts = {}
    for part in summary.split("\n* ")[1:]:
        head, _, rest = part.partition(":")
        parts[head] = rest.split()
    axioms = parts.pop("Axioms", [])
    relies = [head for head, rest in parts.items() if rest != ["<none>"] and (head, rest) != ("Theory", PREDICATIVE)]
    if relies or len(parts) < 4:
        raise AxiomError(f"a summary that is not understood, or weaker checks: {', '.join(relies)}")
    return set(axioms) - {"<none>"}


def check(folder: Path = HERE, ask: bool = True, recheck: bool = False) -> int:
    """Check every source of the folder, and return the number of constants looked at.

    Raises:
        AxiomError: says which source or axiom is at fault.
    """
    sources = sorted(folder.rglob("*.v"))
    if not sources:
        raise AxiomError(f"no sources in {folder}")
    wanted: dict[str, Sequence[str]] = {}
    for path in sources:
        text = path.read_text(encoding="utf-8")
        if path.stem in LIBRARIES:
            raise AxiomError(f"{path.name} has the name of a library whose axioms are allowed")
        if found := complaints(text):
            raise AxiomError(f"{path.name}: {'; '.join(found)}")
        compiled = path.with_suffix(".vo")
        if ask and (not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime):
            raise AxiomError(f"{path.name} is not compiled, or was changed since: run make")
        if constants := names(text):
            wanted[_module(path, folder)] = constants
    for path in (folder / "_CoqProject", folder / "Makefile"):
        flags = path.read_text(encoding="utf-8") if path.exists() else ""
        if any(flag in flags for flag in FORBIDDEN_FLAGS):
            raise AxiomError(f"{path.name}: a flag that weakens the logic")
    if ask:
        only_allowed(assumptions(folder, wanted))
    if recheck:
        only_allowed(rechecked(folder, [_module(path, folder) for path in sources]))
    return sum(map(len, wanted.values()))


def _module(path: Path, folder: Path) -> str:
    """``exports.Reading`` of ``exports/Reading.v``."""
    return ".".join(path.relative_to(folder).with_suffix("").parts)


def only_allowed(found: set[str]) -> None:
    """Refuse a name that is not on the whitelist, in full or (as Coq may print it) from its library on."""
    allowed = {*AXIOMS, *(".".join(name.split(".")[-2:]) for name in AXIOMS)}
    if extra := found - allowed:
        raise AxiomError(f"not on the whitelist: {', '.join(sorted(extra))}")


def main(arguments: Sequence[str]) -> int:
    """The command line: ``--recheck`` or not, and one folder, or none for this one."""
    folders = [argument for argument in arguments if argument != "--recheck"]
    try:
        count = check(Path(*folders[:1]) if folders else HERE, recheck="--recheck" in arguments)
    except (AxiomError, FileNotFoundError) as error:
        print(f"axioms: {error}", file=sys.stderr)
        return 1
    print(f"{count} constants rest on these axioms alone: {', '.join(AXIOMS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
