#!/usr/bin/env python3
"""Every source has its mirror: dir/name.cpp is tested by tests/unit/dir/name_test.cpp, or
covered_elsewhere.tsv says by what and why. Also: no test that CMake forgot, no fuzz entry without
a corpus."""
from pathlib import Path

from lint_tree import CODE_FOLDERS, cmake_sources, cmake_words, cpp_files, files, main

TABLE = Path("tests/lint/covered_elsewhere.tsv")


def read_table(root: Path) -> tuple[dict[Path, str], list[str]]:
    """source -> what covers it; and what is wrong with the table itself."""
    rows: dict[Path, str] = {}
    problems = []
    for number, line in enumerate((root / TABLE).read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or not all(column.strip() for column in columns):
            problems.append(f"{TABLE}:{number}: needs source, what covers it, reason")
            continue
        rows[Path(columns[0])] = columns[1]
        if not (root / columns[0]).exists():
            problems.append(f"{TABLE}:{number}: {columns[0]} does not exist")
        if columns[1] != "-" and not (root / columns[1]).exists():
            problems.append(f"{TABLE}:{number}: {columns[1]} does not exist")
        if (root / mirror_of(Path(columns[0]))).exists():
            problems.append(f"{TABLE}:{number}: {columns[0]} has its mirror: remove the row")
    return rows, problems


def mirror_of(source: Path) -> Path:
    return Path("tests/unit") / source.parent / f"{source.stem}_test.cpp"


def check_fuzz(root: Path) -> list[str]:
    problems = []
    cmake = Path("tests/fuzz/CMakeLists.txt")
    for path in files(root, ("tests/fuzz",), (".cpp",)):
        if path.stem.endswith("_fuzz"):
            name = path.stem.removesuffix("_fuzz")
            if not any(files(root, (f"tests/fuzz/corpus/{name}",))):
                problems.append(f"{path}: no corpus in tests/fuzz/corpus/{name}")
            if name not in cmake_words(root, cmake):
                problems.append(f"{path}: {cmake} does not name {name}")
    return problems


def check(root: Path) -> list[str]:
    covered, problems = read_table(root)
    for source in cpp_files(root):
        if source.suffix == ".cpp" and source not in covered:
            if not (root / mirror_of(source)).exists():
                problems.append(f"{source}: no {mirror_of(source)}, and no row in {TABLE}")
    named = cmake_sources(root, ("tests",))
    for test in cpp_files(root, ("tests/unit", "tests/scenario", "tests/support")):
        if test.suffix == ".cpp" and test not in named:
            problems.append(f"{test}: no CMakeLists.txt names it")
    return problems + check_fuzz(root)


if __name__ == "__main__":
    main(check)
