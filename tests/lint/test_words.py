"""check_words.py finds each kind of word, in any text file."""
import unittest

from check_words import check
from lint_samples import TreeTest


class WordsTest(TreeTest):
    def test_each_word_is_found(self) -> None:
        for word in ("/wo" "rk/main", "/ro" "ot/x", "/ho" "me/ann", "TO" "DO", "FIX" "ME",
                     "py" "env", ".lib" "rary", "py" "pi.org"):
            with self.subTest(word=word):
                self.write("deploy/notes.md", f"first\nsee {word} for more\n")
                self.assert_one(check(self.root), "deploy/notes.md:2: ")

    def test_words_that_only_look_alike_are_free(self) -> None:
        self.write("README.md", "the net" "work/main, ${BUILD}/ro" "ot/, a library, todo\n")
        self.assertEqual(check(self.root), [])

    def test_build_output_and_corpora_are_not_read(self) -> None:
        self.write("build/a.txt", "TO" "DO")
        self.write("tests/fuzz/corpus/config/a", "TO" "DO")
        self.assertEqual(check(self.root), [])


if __name__ == "__main__":
    unittest.main()
