"""check_layers.py finds each kind of broken layering, and is silent on a right tree."""
import unittest

from check_layers import check
from lint_samples import TreeTest

TREE = {
    "config/CMakeLists.txt": "bellhop_library(bellhop_config PURE a.cpp)\n",
    "config/a.hpp": "",
    "config/a.cpp": '#include "config/a.hpp"\n#include <vector>\n',
    "component/CMakeLists.txt":
        "bellhop_library(bellhop_component\n  PURE base/b.cpp  # pure\n  ASIO runtime/r.cpp)\n",
    "component/base/b.hpp": '#include "config/a.hpp"\n',
    "component/base/b.cpp": '#include "component/base/b.hpp"\n',
    "component/runtime/r.hpp": "#include <boost/asio/io_context.hpp>\n",
    "component/runtime/r.cpp":
        '#include "component/runtime/r.hpp"\n#include "component/base/b.hpp"\n',
    "component/xmpp/x.hpp": '#include "component/runtime/r.hpp"\n',
    "proxy/errors.hpp": '#include "component/base/b.hpp"\n',
    "proxy/bytestream/t.hpp": '#include "proxy/errors.hpp"\n',
    "proxy/socks5/s.hpp": '#include "proxy/bytestream/t.hpp"\n',
    "api/dashboard/page.hpp": '#include "proxy/socks5/s.hpp"\n#include "config/a.hpp"\n',
}


class LayersTest(TreeTest):
    def setUp(self) -> None:
        super().setUp()
        for path, text in TREE.items():
            self.write(path, text)

    def test_right_tree_has_no_problems(self) -> None:
        self.assertEqual(check(self.root), [])

    def test_upward_includes_are_found(self) -> None:
        for path, include in (
            ("config/up.hpp", "component/base/b.hpp"),
            ("component/base/up.hpp", "component/runtime/r.hpp"),
            ("component/runtime/up.hpp", "component/xmpp/x.hpp"),
            ("component/xmpp/up.hpp", "proxy/errors.hpp"),
            ("proxy/up.hpp", "proxy/bytestream/t.hpp"),
            ("proxy/bytestream/up.hpp", "proxy/socks5/s.hpp"),
            ("proxy/ibb/up.hpp", "proxy/socks5/s.hpp"),
            ("proxy/files/up.hpp", "proxy/bytestream/t.hpp"),
            ("proxy/socks5/up.hpp", "api/dashboard/page.hpp"),
            ("relay/up.hpp", "proxy/errors.hpp"),
            ("api/up.hpp", "tests/support/fake.hpp"),
        ):
            with self.subTest(path=path, include=include):
                self.write(path, f'#include "{include}"\n')
                self.assert_one(check(self.root), f"{path}:1: ")
                (self.root / path).unlink()

    def test_angle_brackets_hide_nothing(self) -> None:
        self.write("config/up.hpp", "\n  #  include <component/base/b.hpp>\n")
        self.assert_one(check(self.root), "config/up.hpp:2: config must not include")

    def test_cycle_is_found(self) -> None:
        self.write("config/a.hpp", '#include "config/c.hpp"\n')
        self.write("config/c.hpp", '#include "config/a.hpp"\n')
        self.assert_one(check(self.root), "config/a.hpp -> config/c.hpp -> config/a.hpp")

    def test_asio_in_a_pure_source_is_found_through_headers(self) -> None:
        self.write("config/a.hpp", "#include <boost/asio/ip/tcp.hpp>\n")
        problems = check(self.root)
        self.assertIn("config/a.cpp: PURE, but includes Asio: "
                      "config/a.cpp -> config/a.hpp -> boost/asio/ip/tcp.hpp", problems)
        self.assertEqual(len(problems), 2)  # component/base/b.cpp is PURE too

    def test_forgotten_source_is_found(self) -> None:
        self.write("config/forgotten.cpp", "")
        self.assert_one(check(self.root), "config/forgotten.cpp: no CMakeLists.txt names it")

    def test_source_named_only_in_a_comment_is_forgotten(self) -> None:
        self.write("config/forgotten.cpp", "")
        self.write("config/CMakeLists.txt", TREE["config/CMakeLists.txt"] + "# forgotten.cpp\n")
        self.assert_one(check(self.root), "config/forgotten.cpp: no CMakeLists.txt names it")

    def test_unknown_folder_is_found(self) -> None:
        self.write("component/extra/e.hpp", "")
        self.assert_one(check(self.root), "component/extra has no place")

    def test_include_relative_to_the_file_is_found(self) -> None:
        self.write("config/near.hpp", '#include "a.hpp"\n')
        self.assert_one(check(self.root), "config/near.hpp:1: include a.hpp by its path")


if __name__ == "__main__":
    unittest.main()
