#!/usr/bin/env python3
"""Rules of form that clang-format does not know: width of lines in every language, headers, names,
size of README files."""
import re
from pathlib import Path

from lint_tree import CODE_FOLDERS, code_only, cpp_files, files, line_of, main

COLUMNS_MAX = 100
README_LINES_MAX = 60
SCRIPT_SUFFIXES = (".py", ".sh")

# (pattern over code without comments, what is wrong)
FORBIDDEN = (
    (re.compile(r"\b(enable_)?shared_from_this\b"),
     "a session owns its sockets: no shared_from_this"),
    (re.compile(r"^[ \t]*#[ \t]*define[ \t]+(?!BELLHOP_)\w+", re.M),
     "macros begin with BELLHOP_"),
    (re.compile(r"^using\s+namespace\s+(?!std::\w*literals|\w+_literals)", re.M),
     "no using namespace"),
    (re.compile(r"\b(?:class|struct)\s+\w+(?:Manager|Helper|Util|Utils|Impl)\b"),
     "a name that says nothing: no Manager, Helper, Util, Impl"),
)
# Not in tests/bench: its commands measure over time.
FORBIDDEN_IN_TESTS = (
    (re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:>])sleep\s*\("),
     "tests wait for events and never sleep"),
    (re.compile(r"\bDISABLED_\w+"), "a disabled test: mend or remove it"),
)
# A type at the left margin; a specialisation (`struct std::hash<Jid>`) has its contract elsewhere.
TYPE = re.compile(
    r"^(?:class|struct|enum class|enum)\s+(?:\[\[\w+\]\]\s*)?(\w+)\b(?!::|\s*<)[^;{]*\{",
    re.M)


def is_script(path: Path, text: str) -> bool:
    return path.suffix in SCRIPT_SUFFIXES or (not path.suffix and text.startswith("#!"))


def check_text(path: Path, text: str) -> list[str]:
    """Rules for C++, Python and shell alike."""
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS_MAX:
            problems.append(f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}")
        if "\t" in line:
            problems.append(f"{path}:{number}: tab")
        if line.rstrip("\r") != line.rstrip():
            problems.append(f"{path}:{number}: blanks at the end of the line")
    if "\r" in text:
        problems.append(f"{path}: carriage returns")
    if text and not text.endswith("\n"):
        problems.append(f"{path}: no newline at the end")
    return problems


def check_cpp(root: Path, path: Path, text: str) -> list[str]:
    code = code_only(text)
    is_test = path.parts[0] == "tests" and path.parts[1] != "bench"
    problems = [f"{path}:{line_of(code, match.start())}: {what}"
                for pattern, what in FORBIDDEN + (FORBIDDEN_IN_TESTS if is_test else ())
                for match in pattern.finditer(code)]
    has_header = path.suffix == ".cpp" and (root / path.with_suffix(".hpp")).exists()
    if not text.startswith("//") and not has_header:
        problems.append(f"{path}:1: begins with a comment that says what the file is for")
    if path.suffix == ".hpp":
        problems += check_header(path, text, code)
    return problems


def check_header(path: Path, text: str, code: str) -> list[str]:
    problems = []
    if len(re.findall(r"^#pragma once$", text, re.M)) != 1:
        problems.append(f"{path}: needs `#pragma once`")
    if path.parts[0] == "tests":
        return problems
    lines = text.splitlines()
    for match in TYPE.finditer(code):
        number = line_of(code, match.start())
        above = number - 2
        while above >= 0 and re.match(r"\s*(template\b|requires\b|\[\[)", lines[above]):
            above -= 1
        if above < 0 or not lines[above].lstrip().startswith("///"):
            problems.append(f"{path}:{number}: {match[1]} has no `///` contract")
    wanted = f"namespace bellhop::{path.parent.name}"
    if "namespace " in code and not re.search(rf"{wanted}\b", code):
        problems.append(f"{path}: declares nothing in {wanted}")
    return problems


def check_readmes(root: Path) -> list[str]:
    problems = []
    for path in files(root, (".",), (".md",)):
        if path.name == "README.md" and len(path.parts) > 1:
            count = len((root / path).read_text().splitlines())
            if count > README_LINES_MAX:
                problems.append(f"{path}: {count} lines, at most {README_LINES_MAX}")
    for folder in (*CODE_FOLDERS, "tests", "deploy"):
        if any(files(root, (folder,))) and not (root / folder / "README.md").exists():
            problems.append(f"{folder}/README.md: missing")
    return problems


def check(root: Path) -> list[str]:
    problems = check_readmes(root)
    for path in files(root):
        if path.suffix in (".cpp", ".hpp") or not path.suffix or path.suffix in SCRIPT_SUFFIXES:
            text = (root / path).read_text(errors="replace")
            if path.suffix in (".cpp", ".hpp") or is_script(path, text):
                problems += check_text(path, text)
    for path in cpp_files(root, (*CODE_FOLDERS, "tests")):
        problems += check_cpp(root, path, (root / path).read_text())
    return problems


if __name__ == "__main__":
    main(check)
