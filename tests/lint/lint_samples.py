"""Builds small source trees for the tests of the lint checks."""
import tempfile
import unittest
from pathlib import Path


class TreeTest(unittest.TestCase):
    """A test with an empty source tree in `self.root`."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def assert_one(self, problems: list[str], fragment: str) -> None:
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(fragment, problems[0])
