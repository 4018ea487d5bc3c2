"""tests/requirements counts only ids that belong to a test, and tells what is missing."""
import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import unittest
from pathlib import Path

from lint_samples import TreeTest

SCRIPT = str(Path(__file__).resolve().parents[1] / "requirements")
LOADER = importlib.machinery.SourceFileLoader("requirements", SCRIPT)
SPEC = importlib.util.spec_from_loader("requirements", LOADER)
requirements = importlib.util.module_from_spec(SPEC)
sys.modules["requirements"] = requirements
LOADER.exec_module(requirements)

TABLE = ("# id\tlevel\tpart\ttitle\twhy later\n"
         "ABC-01\tM\tnow\tfirst\nABC-02\tS\tnow\tsecond\nABC-03\tM\tlater\tthird\tnot yet\n"
         "ABC-04\tO\tnow\tfourth\n")
TEST = "tests/unit/config/a_test.cpp"
NAMED = "// ABC-01\nTEST(A, Works) {\n  f();\n}\n"


class RequirementsTest(TreeTest):
    def setUp(self) -> None:
        super().setUp()
        self.write(requirements.TABLE, TABLE)
        self.write("config/README.md", "ABC-02 is not done: nobody needs it\n")
        self.write(TEST, NAMED)

    def run_script(self, *arguments: str) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = requirements.main(self.root, list(arguments))
        return status, output.getvalue()

    def assert_missing(self, name: str, *arguments: str) -> None:
        status, output = self.run_script(*arguments)
        self.assertEqual(status, 1, output)
        self.assertIn(name, output)

    def test_complete_tree_passes(self) -> None:
        status, output = self.run_script("--check")
        self.assertEqual((status, output), (0, "nothing is missing\n"))

    def test_overview_counts_by_level(self) -> None:
        status, output = self.run_script("--all")
        self.assertEqual(status, 0)
        self.assertIn("M 1/1  S 0/1  O 0/1   later 1", output)
        self.assertIn(f"{TEST}:1 A.Works", output)
        self.assertIn("not named; see config/README.md", output)

    def test_unnamed_must_is_missing(self) -> None:
        self.write(TEST, "TEST(A, Works) {\n}\n")
        self.assert_missing("ABC-01")

    def test_id_outside_of_tests_does_not_count(self) -> None:
        for text in ("// ABC-01\n#include <a>\n\nTEST(A, Works) {\n}\n",
                     "TEST(A, Works) {\n}\n\n// ABC-01\nvoid helper() {\n}\n",
                     "// XABC-01, ABC-01a\nTEST(A, Works) {\n}\n"):
            with self.subTest(text=text):
                self.write(TEST, text)
                self.assert_missing("ABC-01")

    def test_id_counts_in_body_and_in_python(self) -> None:
        self.write(TEST, "TEST(A, Works) {\n  f();  // ABC-01\n}\n")
        self.assertEqual(self.run_script("--check")[0], 0)
        (self.root / TEST).unlink()
        self.write("tests/interop/flows.py", 'def test_works():\n    """ABC-01"""\n')
        self.assertEqual(self.run_script("--check")[0], 0)

    def test_id_may_have_a_letter_before_its_number(self) -> None:
        self.write(requirements.TABLE, TABLE + "ABC-A05\tM\tnow\tfifth\n")
        self.assert_missing("ABC-A05")
        self.write(TEST, NAMED + "// ABC-A05\nTEST(A, WorksToo) {\n}\n")
        self.assertEqual(self.run_script("--check")[0], 0)
        self.write(TEST, NAMED + "// ABC-A06\nTEST(A, Fails) {\n}\n")
        self.assert_missing("ABC-A06")

    def test_should_without_a_word_is_wrong_only_in_check(self) -> None:
        self.write("config/README.md", "nothing\n")
        self.assertEqual(self.run_script()[0], 0)
        self.assert_missing("ABC-02", "--check")

    def test_unknown_id_is_wrong(self) -> None:
        self.write(TEST, NAMED + "// ABC-77\nTEST(A, Fails) {\n}\n")
        self.assert_missing(f"{TEST}:5: ABC-77 is not in")


if __name__ == "__main__":
    unittest.main()
