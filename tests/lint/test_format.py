"""check_format.py finds a file that clang-format would change."""
import unittest

from check_format import check, clang_format
from lint_samples import TreeTest


@unittest.skipIf(clang_format() is None, "no clang-format 14")
class FormatTest(TreeTest):
    def test_only_the_badly_formatted_file_is_reported(self) -> None:
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("config/good.cpp", "int a = 1;\n")
        self.assertEqual(check(self.root), [])
        self.write("tests/bad.cpp", "int  a=1 ;\n")
        self.assert_one(check(self.root), "tests/bad.cpp: ")


if __name__ == "__main__":
    unittest.main()
