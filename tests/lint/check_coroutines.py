#!/usr/bin/env python3
"""Looks for the shapes that g++ 12 compiles wrongly in a full expression with co_await (it destroys
some temporaries twice) and for coroutines that outlive what they use:

  - braces that build an aggregate, a lambda that captures by copy, `?:`, beside a co_await
  - a co_await in the condition of `if` or `while`: in a member coroutine without other locals the
    condition's temporary was laid before the frame's own header, and the frame was resumed wrongly
  - a coroutine lambda that captures by copy (the lambda is gone at its first suspension)
  - `detached`, which swallows exceptions

Works on text, so it knows aggregates by what it can see: structs of the tree without a constructor,
and bare braces as an argument. `// NOLINT(coroutines): reason` on the line marks a right use."""
import re
from dataclasses import dataclass
from pathlib import Path

from lint_tree import code_only, cpp_files, line_of, main

MARK = "NOLINT(coroutines)"
PAIRS = {")": "(", "]": "[", "}": "{"}
CONTROL = re.compile(r"\b(if|while|for|switch|constexpr)\s*$")
# What stands before the brace of a block; any other brace begins an initialiser.
BLOCK_BEFORE = re.compile(
    r"(\)|\]|:|;|\{|\}|^|\b(else|do|try|const|noexcept|mutable|override|final)|->\s*[\w:<>,\s*&]+"
    r"|\bnamespace(\s+[\w:]+)?|\bextern\s+\"[^\"]*\"|\b(class|struct|enum|union)\s[^;(){}]*)\s*$")
LAMBDA = re.compile(
    r"(?<![\w\])>])\s*\[(?P<captures>[^\[\]]*)\]\s*(?=[({]|mutable\b|noexcept\b|->)")
STRUCT = re.compile(r"(?<!enum )\bstruct\s+(\w+)\s*(?:final\s*)?(?::[^:{;][^{;]*)?\{")
AGGREGATE_TEMPLATE = re.compile(r"\bstd::array\s*(<[^;{}()]*>)?\s*$")


@dataclass
class Lambda:
    captures: str
    body: tuple[int, int]  # offsets of the braces


def closing(code: str, opening: int) -> int:
    """Where the bracket at `opening` is closed; the end of the text if it is not."""
    depth = 0
    for offset in range(opening, len(code)):
        if code[offset] in "([{":
            depth += 1
        elif code[offset] in PAIRS:
            depth -= 1
            if depth == 0:
                return offset
    return len(code)


def opening_of(code: str, end: int) -> int:
    depth = 0
    for offset in range(end, -1, -1):
        if code[offset] in PAIRS:
            depth += 1
        elif code[offset] in "([{":
            depth -= 1
            if depth == 0:
                return offset
    return 0


def is_block(code: str, brace: int) -> bool:
    return bool(BLOCK_BEFORE.search(code[max(0, brace - 300):brace]))


def copies(captures: str) -> bool:
    """Whether a capture list holds a value: `=`, a name, `name = value`; `this` is a pointer."""
    parts = [part.strip() for part in captures.split(",")]
    return any(part and part != "this" and not part.startswith("&") for part in parts)


def lambdas(code: str) -> list[Lambda]:
    found = []
    for match in LAMBDA.finditer(code):
        offset = match.end()
        if code[offset] == "(":
            offset = closing(code, offset) + 1
        brace = code.find("{", offset)
        if brace < 0 or not re.fullmatch(r"[\w\s:<>,*&\->()]*", code[offset:brace]):
            continue  # an array index or an attribute, not a lambda
        found.append(Lambda(match["captures"], (brace, closing(code, brace))))
    return found


def expression_start(code: str, offset: int) -> int:
    """Where the full expression around `offset` begins."""
    while offset > 0:
        offset -= 1
        character = code[offset]
        if character == ";":
            return offset + 1
        if character == "}":
            # An initialiser or a lambda goes on with an operator; after a block a statement begins.
            if re.match(r"\s*[\w*~:]", code[offset + 1:offset + 200]):
                return offset + 1
            offset = opening_of(code, offset)
        elif character in ")]":
            before = opening_of(code, offset)
            if character == ")" and CONTROL.search(code[max(0, before - 30):before]):
                return offset + 1  # the statement of an `if (…)`
            offset = before
        elif character == "{" and is_block(code, offset):
            return offset + 1
        elif character == "(" and CONTROL.search(code[max(0, offset - 30):offset]):
            return offset + 1
    return 0


def expression_end(code: str, start: int, offset: int) -> int:
    """Where the full expression ends: at its `;`, at the `)` of an `if (…)`, at a block."""
    before = code[max(0, start - 30):start]
    at_control = bool(re.search(r"\b(if|while|for|switch)\s*(constexpr\s*)?\($", before))
    while offset < len(code):
        if code[offset] in "([{":
            offset = closing(code, offset)
        elif code[offset] == ";" or (code[offset] == ")" and at_control and
                                     opening_of(code, offset) == start - 1):
            return offset
        offset += 1
    return offset


def without_bodies(code: str, start: int, end: int, inner: list[Lambda]) -> str:
    text = code[start:end]
    for item in inner:
        first, last = item.body[0] - start, min(item.body[1] - start + 1, len(text))
        text = text[:first] + " " * (last - first) + text[last:]
    return text


def aggregate_brace(text: str, aggregates: set[str]) -> str | None:
    """What braces in an expression build, if that is an aggregate as far as text tells."""
    for match in re.finditer(r"\{", text):
        before = text[:match.start()].rstrip()
        after = text[match.end():].lstrip()
        if before.endswith(("(", ",", "{", "=", "return")) or after.startswith("."):
            return "braces"
        name = re.search(r"(\w+)$", before)
        if name and name[1] in aggregates:
            return name[1]
        if AGGREGATE_TEMPLATE.search(before):
            return "std::array"
    return None


def aggregates_of(code: str) -> set[str]:
    """Names of structs without a constructor, private parts or virtual functions."""
    names = set()
    for match in STRUCT.finditer(code):
        body = code[match.end():closing(code, match.end() - 1)]
        own = re.sub(r"\{[^{}]*\}", "", body)
        constructor = re.search(rf"(?<!~)\b{match[1]}\s*\((?!\s*(?:const\s+)?{match[1]}\b)", own)
        if not constructor and not re.search(r"\b(private|protected|virtual)\b", own):
            names.add(match[1])
    return names


def check_expression(
    code: str, offset: int, all_lambdas: list[Lambda], aggregates: set[str]
) -> list[str]:
    start = expression_start(code, offset)
    end = expression_end(code, start, offset)
    inner = [item for item in all_lambdas
             if start <= item.body[0] < end and not item.body[0] < offset < item.body[1]]
    text = without_bodies(code, start, end, inner)
    problems = []
    if "?" in text:
        problems.append("`?:` beside co_await: choose first, then await")
    if any(copies(item.captures) for item in inner):
        problems.append("lambda that captures by copy beside co_await: name it first")
    if built := aggregate_brace(text, aggregates):
        problems.append(f"aggregate ({built}) built beside co_await: name it first")
    is_condition = re.search(r"\b(if|while)\s*\($", code[max(0, start - 30):start])
    if is_condition and not problems and not re.search(r"\b(auto|const)\b", text):
        problems.append("co_await in a condition: name the result first")
    return problems


def check_text(raw: str, aggregates: set[str]) -> list[tuple[int, str]]:
    """(line, problem) of one file."""
    code = code_only(raw)
    found = []
    for match in re.finditer(r"\bdetached\b", code):
        found.append((match.start(), "`detached` swallows exceptions: spawn into a TaskGroup"))
    all_lambdas = lambdas(code)
    for match in re.finditer(r"\bco_await\b", code):
        for problem in check_expression(code, match.start(), all_lambdas, aggregates):
            found.append((match.start(), problem))
    for item in all_lambdas:
        first, last = item.body
        nested = [other for other in all_lambdas if first < other.body[0] < last]
        if copies(item.captures) and re.search(r"\bco_(await|return|yield)\b",
                                               without_bodies(code, first, last, nested)):
            found.append((first, "coroutine lambda that captures by copy: pass arguments"))
    lines = raw.splitlines()
    numbered = {(line_of(code, offset), problem) for offset, problem in found}
    return sorted((line, problem) for line, problem in numbered if MARK not in lines[line - 1])


def check(root: Path) -> list[str]:
    paths = list(cpp_files(root, ("config", "component", "proxy", "relay", "api", "tests")))
    texts = {path: (root / path).read_text() for path in paths}
    aggregates = set().union(*(aggregates_of(code_only(text)) for text in texts.values()))
    return [f"{path}:{line}: {problem}"
            for path, text in texts.items() for line, problem in check_text(text, aggregates)]


if __name__ == "__main__":
    main(check)
