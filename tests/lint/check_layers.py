#!/usr/bin/env python3
"""Proves the include rules: config <- component <- {proxy, relay} <- api, the order inside these
folders, no cycles, no Asio in what CMake calls PURE, and no source that CMake forgot."""
import re
from pathlib import Path

from lint_tree import CODE_FOLDERS, cmake_sources, cmake_words, cpp_files, files, line_of, main

# Each layer and those right below it. A file may include its own layer and everything that can be
# reached downwards. Files directly in proxy/ and relay/ are below the subfolders.
BELOW = {
    "config": (),
    "component/base": ("config",),
    "component/store": ("component/base",),
    "component/runtime": ("component/base",),
    "component/xmpp": ("component/runtime",),
    "component/policy": ("component/xmpp",),
    "component/jingle": ("component/policy",),
    "proxy": ("component/jingle", "component/store"),
    "proxy/bytestream": ("proxy",),
    "proxy/socks5": ("proxy/bytestream",),
    "proxy/ibb": ("proxy/bytestream",),
    "proxy/transfer": ("proxy/socks5", "proxy/ibb"),
    "proxy/http": ("proxy",),
    "proxy/files": ("proxy/http",),
    "proxy/webdav": ("proxy/files",),
    "proxy/drop": ("proxy/transfer", "proxy/webdav"),
    "relay": ("component/jingle", "component/store"),
    "relay/net": ("relay",),
    "relay/stun": ("relay",),
    "relay/turn": ("relay/stun", "relay/net"),
    "relay/nodes": ("relay/turn",),
    "relay/media": ("relay",),
    "relay/calls": ("relay/media",),
    "api": ("proxy/drop", "relay/nodes", "relay/calls"),
}
ASIO = re.compile(r"boost/(asio|beast|cobalt|process)\b")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

Includes = dict[Path, list[tuple[int, str]]]


def layer_of(path: Path) -> str | None:
    """The deepest known layer that holds the file; none if its folder has no place."""
    if path.parts[0] == "api":
        return "api"
    folder = str(path.parent)
    return folder if folder in BELOW else None


def reachable(layer: str) -> set[str]:
    below = {layer}
    for lower in BELOW[layer]:
        below |= reachable(lower)
    return below


def read_includes(root: Path) -> Includes:
    found: Includes = {}
    for path in cpp_files(root):
        text = (root / path).read_text()
        found[path] = [(line_of(text, m.start()), m[1] or m[2]) for m in INCLUDE.finditer(text)]
    return found


def check_edges(root: Path, includes: Includes) -> list[str]:
    problems = []
    for path, lines in includes.items():
        layer = layer_of(path)
        if layer is None:
            problems.append(f"{path}: {path.parent} has no place in BELOW of check_layers.py")
            continue
        allowed = reachable(layer)
        for number, name in lines:
            if name.split("/")[0] not in (*CODE_FOLDERS, "tests"):
                if (root / path.parent / name).is_file():
                    problems.append(f"{path}:{number}: include {name} by its path from the root")
            elif layer_of(Path(name)) not in allowed:
                problems.append(f"{path}:{number}: {layer} must not include {name}")
    return problems


def check_cycles(includes: Includes) -> list[str]:
    problems: list[str] = []
    done: set[Path] = set()

    def visit(path: Path, trail: list[Path]) -> None:
        if path in trail:
            cycle = trail[trail.index(path):] + [path]
            problems.append(f"{path}: include cycle: {' -> '.join(map(str, cycle))}")
        elif path in includes and path not in done:
            for _, name in includes[path]:
                visit(Path(name), trail + [path])
            done.add(path)

    for path in includes:
        visit(path, [])
    return problems


def pure_sources(root: Path) -> set[Path]:
    """The PURE arguments of bellhop_library() and bellhop_target()."""
    pure = set()
    for cmake in files(root, CODE_FOLDERS, (".txt",)):
        group = ""
        for word in cmake_words(root, cmake):
            if word.isupper():
                group = word
            elif word.startswith("bellhop_library") or word.startswith("bellhop_target"):
                group = ""
            elif group == "PURE" and word.endswith(".cpp"):
                pure.add(cmake.parent / word)
    return pure


def asio_trail(path: Path, includes: Includes, seen: set[Path]) -> list[str]:
    """How `path` comes to include Asio: the files on the way, then the header; else empty."""
    seen.add(path)
    for _, name in includes.get(path, []):
        if ASIO.match(name):
            return [str(path), name]
        if Path(name) not in seen and (trail := asio_trail(Path(name), includes, seen)):
            return [str(path), *trail]
    return []


def check(root: Path) -> list[str]:
    includes = read_includes(root)
    problems = check_edges(root, includes) + check_cycles(includes)
    for path in sorted(pure_sources(root)):
        if trail := asio_trail(path, includes, set()):
            problems.append(f"{path}: PURE, but includes Asio: {' -> '.join(trail)}")
    named = cmake_sources(root, CODE_FOLDERS)
    for path in includes:
        if path.suffix == ".cpp" and path not in named:
            problems.append(f"{path}: no CMakeLists.txt names it")
    return problems


if __name__ == "__main__":
    main(check)
