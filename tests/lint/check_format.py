#!/usr/bin/env python3
"""Every C++ file is as clang-format 14 would write it. Exit status 77 (skipped) where that is
missing: other versions format differently."""
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from lint_tree import CODE_FOLDERS, cpp_files, main

SKIPPED = 77
VERSION = "version 14."


def clang_format() -> str | None:
    for name in ("clang-format-14", "clang-format"):
        if path := shutil.which(name):
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            if VERSION in shown.stdout:
                return path
    return None


def check(root: Path) -> list[str]:
    command = clang_format()
    if command is None:
        print("skipped: no clang-format 14; deploy/install-packages test")
        sys.exit(SKIPPED)
    paths = [str(path) for path in cpp_files(root, (*CODE_FOLDERS, "tests"))]
    result = subprocess.run([command, "--dry-run", "--Werror", "--style=file", *paths],
                            cwd=root, capture_output=True, text=True, check=False)
    places = Counter(re.findall(r"^(\S+?):\d+:\d+: error:", result.stderr, re.M))
    problems = [f"{path}: {count} places; run clang-format -i" for path, count in places.items()]
    if result.returncode != 0 and not problems:
        problems = [result.stderr.strip() or "clang-format failed"]
    return problems


if __name__ == "__main__":
    main(check)
