"""What the lint checks share: which files there are, C++ text without comments, how problems are
shown."""
import re
import sys
from pathlib import Path
from typing import Callable, Iterator

CODE_FOLDERS = ("config", "component", "proxy", "relay", "api")
SKIPPED_FOLDERS = {"build", ".git", "__pycache__"}
CPP_SUFFIXES = (".cpp", ".hpp")


def files(
    root: Path, folders: tuple[str, ...] = (".",), suffixes: tuple[str, ...] = ()
) -> Iterator[Path]:
    """Files below `folders`, relative to `root` and sorted; of all suffixes if none are named."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if SKIPPED_FOLDERS.isdisjoint(relative.parts) and path.is_file():
                if not suffixes or path.suffix in suffixes:
                    yield relative


def cpp_files(root: Path, folders: tuple[str, ...] = CODE_FOLDERS) -> Iterator[Path]:
    return files(root, folders, CPP_SUFFIXES)


NOT_CODE = re.compile(
    r'R"(?P<end>[^()\s\\]{0,16})\(.*?\)(?P=end)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'"  # not the digit separator of 1'000
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)


def code_only(text: str) -> str:
    """C++ text whose comments, strings and characters are blanked; every offset and line stays."""

    def blank(match: re.Match[str]) -> str:
        kept = match.group(0)
        inner = re.sub(r"[^\n]", " ", kept)
        return f'"{inner[1:-1]}"' if kept.endswith('"') else inner

    return NOT_CODE.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def cmake_words(root: Path, cmake: Path) -> list[str]:
    """The words of a CMakeLists.txt (relative to `root`) without comments and punctuation."""
    text = re.sub(r"#[^\n]*", "", (root / cmake).read_text())
    return re.sub(r"[()\"]", " ", text).split()


def cmake_sources(root: Path, folders: tuple[str, ...]) -> set[Path]:
    """Every file below `folders` that some CMakeLists.txt of the tree names, relative to `root`."""
    named = set()
    for cmake in files(root, (".",), (".txt",)):
        if cmake.name == "CMakeLists.txt":
            named.update(cmake.parent / word for word in cmake_words(root, cmake) if "." in word)
    return {path for path in named if path.parts[0] in folders}


def main(check: Callable[[Path], list[str]]) -> None:
    """Runs a check on the folder named on the command line; one line per problem, exit status 1."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    problems = check(root)
    print("\n".join(problems) or "no problems")
    sys.exit(1 if problems else 0)
