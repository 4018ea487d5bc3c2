#!/usr/bin/env python3
"""Words that do not belong into files that are shipped: paths of one machine, hosts of package
registries, marks of unfinished work."""
import re
from pathlib import Path

from lint_tree import files, line_of, main

# Written in pieces, so that this file does not find itself.
WORDS = (
    ("/wo" "rk/", "a path of one machine"),
    ("/fa" "rm/", "a path of one machine"),
    (r"(?<![\w.}])/ro" r"ot/", "a path of one machine"),
    (r"/ho" r"me/\w+", "a path of one machine"),
    (r"\.lib" r"rary\b", "a path of one machine"),
    ("py" "env", "a tool of one machine"),
    (r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b", "a mark of unfinished work"),
    (r"\b(registry\.npm" r"js\.org|(files\.)?py" r"pi\.org|pythonho" r"sted\.org|crat" r"es\.io"
     r"|proxy\.gol" r"ang\.org)\b", "a package registry"),
)
PATTERNS = [(re.compile(word), what) for word, what in WORDS]


def check(root: Path) -> list[str]:
    problems = []
    for path in files(root):
        if path.parts[:3] == ("tests", "fuzz", "corpus"):
            continue  # bytes for parsers, not text for people
        try:
            text = (root / path).read_text()
        except UnicodeDecodeError:
            continue
        for pattern, what in PATTERNS:
            for match in pattern.finditer(text):
                problems.append(f"{path}:{line_of(text, match.start())}: {match[0]}: {what}")
    return problems


if __name__ == "__main__":
    main(check)
