"""check_coroutines.py finds each bad shape and is silent on the right ways to write the same."""
import unittest

from check_coroutines import MARK, check, check_text
from lint_samples import TreeTest

AGGREGATES = {"Options", "Point"}

BAD = (
    ("braces", "auto s = co_await open({.host = h});"),
    ("braces", "co_await open(a, {1, 2});"),
    ("braces", "if (co_await open({1, 2})) { go(); }"),
    ("braces", "co_await (read(s) || wait(Deadline{.at = 1}));"),
    ("Options", "co_await open(Options{h, p});"),
    ("Options", "co_await open(\n    Options{\n        h, p});"),
    ("Point", "co_return Point{co_await x(), 1};"),
    ("std::array", "co_await write(s, std::array<int, 2>{1, 2});"),
    ("`?:`", "co_await open(a ? b : c);"),
    ("`?:`", "const int n = a ? co_await x() : 1;"),
    ("`?:`", "while (x || co_await open(y ? 1 : 2)) { go(); }"),
    ("`?:`", "if (b) {\n  go();\n}\nco_await open(a ? b : c);"),
    ("`?:`", "auto f = [&]() -> Task<int> { co_await open(a ? b : c); };"),
    ("captures by copy beside", "co_await run([x] { return x; });"),
    ("captures by copy beside", "co_await run([=](int a) mutable -> int { return a; });"),
    ("captures by copy beside", "co_await run([&y, x = std::move(x)]() { return x; });"),
    ("captures by copy beside", "co_await run([*this] { go(); });"),
    ("coroutine lambda", "auto f = [x]() -> Task<> { co_await open(x); };"),
    ("coroutine lambda", "auto f = [=] { if (b) { co_return; } };"),
    ("condition", "if (!co_await open()) co_return;"),
    ("condition", "while (co_await open()) { go(); }"),
    ("condition", "do { go(); } while (a && co_await open());"),
    ("detached", "asio::co_spawn(executor, run(), asio::detached);"),
)

GOOD = (
    "Options o{.host = h}; auto s = co_await open(std::move(o));",
    "const int n = a ? b : c; co_await open(n);",
    "if (a ? b : c) { co_await open(); }",
    "if (a) co_await open(); else co_await close();\nreturn_(a ? b : c);",
    "do { co_await open(); } while (a ? b : c);",
    "co_await run([&x] { return x ? 1 : 2; });",
    "co_await run([this, &x](int n) { Options o{n}; return o; });",
    "auto f = [x] { return x; }; co_await run(f);",
    "auto f = [&x]() -> Task<> { Options o{1, 2}; co_await open(o); };",
    "auto f = [x] { auto g = [&]() -> Task<> { co_await open(); }; return 1; };",
    "for (auto& e : list) { co_await open(e); }",
    "int a[2] = {1, 2};\nco_await open(a[1]);",
    'co_await open(std::string{"a ? {.b} : c"});',
    "// co_await open({.host = detached ? 1 : 2})\nco_await open();",
    "switch (x) { case 1: { co_await open(); break; } default: co_return b ? 1 : 2; }",
    "struct S { int n = a ? 1 : 2; Task<> run() { co_await open(); } };",
    "co_await [&]() -> Task<> { Options o{1}; co_await open(o); }();",
    "Task<> f(int a) noexcept { co_await open(a); }\nPoint p{1, 2};",
    f"co_await open({{1, 2}});  // {MARK}: a constructor, not an aggregate",
)


class CoroutinesTest(TreeTest):
    def test_each_bad_shape_is_found(self) -> None:
        for fragment, sample in BAD:
            with self.subTest(sample=sample):
                text = f"Task<> f() {{\n{sample}\n}}\n"
                problems = [problem for _, problem in check_text(text, AGGREGATES)]
                self.assert_one(problems, fragment)

    def test_right_shapes_are_not_reported(self) -> None:
        for sample in GOOD:
            with self.subTest(sample=sample):
                self.assertEqual(check_text(f"Task<> f() {{\n{sample}\n}}\n", AGGREGATES), [])

    def test_structs_of_other_files_are_known(self) -> None:
        self.write("config/point.hpp", "struct Point {\n  int x = 0;\n  int y = 0;\n};\n"
                   "struct Name {\n  Name(int a, int b);\n  int x;\n};\n"
                   "enum class Kind { a, b };\n")
        self.write("component/base/use.cpp", "Task<> f() {\n  co_await g(Name{1, 2}, Kind{1});\n"
                   "  co_await g(Point{1, 2});\n}\n")
        self.assert_one(check(self.root), "component/base/use.cpp:3: aggregate (Point)")


if __name__ == "__main__":
    unittest.main()
