"""check_style.py finds each broken rule of form, and is silent on a right tree."""
import unittest

from check_style import check
from lint_samples import TreeTest

HEADER = """// What a thing is.
#pragma once

namespace bellhop::config {

using namespace std::chrono_literals;
class Later;

/// A thing.
template <typename T>
struct Thing {
  struct Inner {};
};

}  // namespace bellhop::config

template <>
struct std::hash<bellhop::config::Later> {};
"""


class StyleTest(TreeTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("config/README.md", "# config\n")
        self.write("config/thing.hpp", HEADER)
        self.write("config/thing.cpp", '#include "config/thing.hpp"\n')
        self.write("tests/README.md", "# tests\n")

    def assert_found(self, path: str, text: str, fragment: str) -> None:
        self.write(path, text)
        self.assert_one(check(self.root), fragment)

    def test_right_tree_has_no_problems(self) -> None:
        self.assertEqual(check(self.root), [])

    def test_width_is_counted_in_characters(self) -> None:
        self.write("tests/run", "#!/bin/sh\n# " + 98 * "ä" + "\n")
        self.assertEqual(check(self.root), [])
        self.assert_found("tests/run", "#!/bin/sh\n# " + 99 * "ä" + "\n", "run:2: 101 columns")

    def test_whitespace_is_checked(self) -> None:
        self.assert_found("tests/a.py", "if a:\n\tb()\n", "tests/a.py:2: tab")
        self.assert_found("tests/a.py", "a = 1 \n", "tests/a.py:1: blanks")
        self.assert_found("tests/a.py", "a = 1", "tests/a.py: no newline")

    def test_header_rules(self) -> None:
        path = "config/thing.hpp"
        self.assert_found(path, HEADER.replace("#pragma once\n", ""), "needs `#pragma once`")
        self.assert_found(path, HEADER.replace("/// A", "// A"), "11: Thing has no `///`")
        self.assert_found(path, HEADER.replace("::config {", "::other {"), "declares nothing in")
        self.assert_found(path, HEADER.replace("// What a thing is.\n", ""), "begins with a")

    def test_source_without_header_begins_with_a_comment(self) -> None:
        self.assert_found("config/alone.cpp", "int a;\n", "config/alone.cpp:1: begins with")

    def test_forbidden_words_of_code(self) -> None:
        for line, fragment in (
            ("auto self = shared_from_this();", "a session owns its sockets"),
            ("#define MAX 1", "macros begin with"),
            ("using namespace std;", "no using namespace"),
            ("class StreamManager {};", "a name that says nothing"),
        ):
            with self.subTest(line=line):
                self.assert_found("config/thing.cpp", f"// thing\n{line}\n",
                                  f"config/thing.cpp:2: {fragment}")

    def test_words_in_comments_and_strings_are_free(self) -> None:
        self.write("config/thing.cpp", '// shared_from_this\nconst char* a = "shared_from_this";\n')
        self.assertEqual(check(self.root), [])

    def test_tests_do_not_sleep_and_are_not_switched_off(self) -> None:
        path = "tests/unit/config/thing_test.cpp"
        self.assert_found(path, "// t\nvoid f() { sleep_for(1s); }\n", "never sleep")
        self.assert_found(path, "// t\nTEST(Thing, DISABLED_Works) {}\n", "a disabled test")
        self.write(path, "// t\n")
        self.write("tests/bench/load.cpp", "// t\nvoid f() { std::this_thread::sleep_for(1s); }\n")
        self.assertEqual(check(self.root), [])

    def test_readme_is_there_and_short(self) -> None:
        self.assert_found("config/README.md", 61 * "line\n", "config/README.md: 61 lines")
        (self.root / "config/README.md").unlink()
        self.assert_one(check(self.root), "config/README.md: missing")


if __name__ == "__main__":
    unittest.main()
