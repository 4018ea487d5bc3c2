"""check_tests_mirror.py finds sources, tests and fuzz entries that nothing runs."""
import unittest

from check_tests_mirror import TABLE, check
from lint_samples import TreeTest


class TestsMirrorTest(TreeTest):
    def setUp(self) -> None:
        super().setUp()
        self.write(str(TABLE), "# a comment\nconfig/b.cpp\ttests/scenario/s.cpp\twhy\n")
        self.write("config/a.cpp", "")
        self.write("config/b.cpp", "")
        self.write("tests/unit/config/a_test.cpp", "")
        self.write("tests/unit/config/CMakeLists.txt", "bellhop_test(t SOURCES a_test.cpp)\n")
        self.write("tests/scenario/s.cpp", "")
        self.write("tests/scenario/CMakeLists.txt", "bellhop_test(s SOURCES s.cpp)\n")
        self.write("tests/fuzz/CMakeLists.txt", "bellhop_fuzz(jid LINK x)\n")
        self.write("tests/fuzz/jid_fuzz.cpp", "")
        self.write("tests/fuzz/corpus/jid/one", "a")

    def test_right_tree_has_no_problems(self) -> None:
        self.assertEqual(check(self.root), [])

    def test_source_without_mirror_is_found(self) -> None:
        self.write("config/c.cpp", "")
        self.assert_one(check(self.root), "config/c.cpp: no tests/unit/config/c_test.cpp")

    def test_stale_and_incomplete_rows_are_found(self) -> None:
        good = (self.root / TABLE).read_text()
        for row, fragment in (
            ("config/gone.cpp\t-\twhy", "config/gone.cpp does not exist"),
            ("config/b.cpp\ttests/gone.cpp\twhy", "tests/gone.cpp does not exist"),
            ("config/a.cpp\t-\twhy", "has its mirror"),
            ("config/b.cpp\t-", "needs source"),
        ):
            with self.subTest(row=row):
                self.write(str(TABLE), f"{good}{row}\n")
                self.assert_one(check(self.root), fragment)

    def test_test_that_cmake_forgot_is_found(self) -> None:
        self.write("tests/unit/config/d_test.cpp", "")
        self.assert_one(check(self.root), "tests/unit/config/d_test.cpp: no CMakeLists.txt")

    def test_fuzz_entry_without_corpus_or_target_is_found(self) -> None:
        self.write("tests/fuzz/new_fuzz.cpp", "")
        self.assertEqual(len(check(self.root)), 2)
        self.write("tests/fuzz/corpus/new/one", "a")
        self.assert_one(check(self.root), "does not name new")


if __name__ == "__main__":
    unittest.main()
