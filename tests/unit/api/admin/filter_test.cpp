// Filters as an operator types them, and as nobody should.
#include "api/admin/filter.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "api/admin/errors.hpp"

namespace bellhop::admin {
namespace {

constexpr std::array<Filter::Field, 4> kFields{{
    {"name", Filter::Type::text},
    {"kind", Filter::Type::text},
    {"requester", Filter::Type::text},
    {"size", Filter::Type::number},
}};

struct Row {
  std::string name = "sessions/01";
  std::string kind = "socks5";
  std::string requester = "alice@example.org/laptop";
  std::uint64_t size = 1500;

  Filter::Value operator()(std::size_t field) const {
    if (field == 3) return size;
    return std::string_view(field == 0 ? name : field == 1 ? kind : requester);
  }
};

bool matches(std::string_view text, const Row& row = {}) {
  const auto filter = Filter::parse(text, kFields);
  if (!filter) ADD_FAILURE() << text << ": " << filter.error().detail();
  return filter && filter->matches(row);
}

/// The detail of a refusal; empty if there was none.
std::string why_not(std::string_view text) {
  const auto filter = Filter::parse(text, kFields);
  if (filter) return {};
  EXPECT_TRUE(filter.error().is(errors::bad_filter));
  return filter.error().detail();
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Filter, WithoutComparisonsMatchesEverything) {
  for (const std::string_view text : {"", " ", "\t\r\n "}) {
    const auto filter = Filter::parse(text, kFields);
    ASSERT_TRUE(filter);
    EXPECT_TRUE(filter->is_empty());
    EXPECT_TRUE(filter->matches(Row{}));
  }
  EXPECT_TRUE(Filter().matches(Row{}));
  EXPECT_FALSE(Filter::parse("name:*", kFields)->is_empty());
}

TEST(Filter, ComparesTextAsAWhole) {
  EXPECT_TRUE(matches("kind = socks5"));
  EXPECT_TRUE(matches("kind=socks5"));
  EXPECT_FALSE(matches("kind = socks"));
  EXPECT_FALSE(matches("kind = SOCKS5"));
  EXPECT_FALSE(matches("kind != socks5"));
  EXPECT_TRUE(matches("kind != upload"));
  EXPECT_TRUE(matches("requester = alice@example.org/laptop"));
  EXPECT_FALSE(matches("kind = \"\""));
  EXPECT_TRUE(matches("kind = \"\"", {.kind = ""}));
}

TEST(Filter, OrdersTextByItsBytes) {
  EXPECT_TRUE(matches("name > sessions/00"));
  EXPECT_FALSE(matches("name > sessions/01"));
  EXPECT_TRUE(matches("name >= sessions/01"));
  EXPECT_TRUE(matches("name < sessions/010"));
  EXPECT_TRUE(matches("name <= sessions/01"));
  EXPECT_FALSE(matches("name < sessions/01"));
}

TEST(Filter, TakesAStarForAnythingAtEitherEnd) {
  EXPECT_TRUE(matches("requester = alice@*"));
  EXPECT_FALSE(matches("requester = lice@*"));
  EXPECT_TRUE(matches("requester = */laptop"));
  EXPECT_FALSE(matches("requester = */lap"));
  EXPECT_TRUE(matches("requester = *@example.org*"));
  EXPECT_TRUE(matches("requester = \"alice@*\""));
  EXPECT_FALSE(matches("requester != alice@*"));
  EXPECT_TRUE(matches("kind = socks5*"));  // it may stand for nothing
  EXPECT_TRUE(matches("kind = *", {.kind = ""}));
}

TEST(Filter, AsksWithAColonForWhatATextContains) {
  EXPECT_TRUE(matches("requester:example.org"));
  EXPECT_TRUE(matches("requester : alice"));
  EXPECT_FALSE(matches("requester:example.com"));
  EXPECT_TRUE(matches("requester:alice*"));
  EXPECT_FALSE(matches("requester:example*"));
  EXPECT_TRUE(matches("requester:*laptop"));
  EXPECT_TRUE(matches("size:1500"));
  EXPECT_FALSE(matches("size:150"));
}

TEST(Filter, AsksWithColonAndStarWhetherThereIsAnything) {
  EXPECT_TRUE(matches("name:*"));
  EXPECT_FALSE(matches("name:*", {.name = ""}));
  EXPECT_FALSE(matches("NOT name:*"));
  EXPECT_TRUE(matches("size:*", {.size = 0}));
}

TEST(Filter, ReadsQuotedTextWithEscapes) {
  EXPECT_TRUE(matches(R"(kind = "a b")", {.kind = "a b"}));
  EXPECT_TRUE(matches(R"(kind = 'a "b"')", {.kind = "a \"b\""}));
  EXPECT_TRUE(matches(R"(kind = "a \"b\" \\ \'")", {.kind = "a \"b\" \\ '"}));
  EXPECT_TRUE(matches(R"(kind = "\*")", {.kind = "*"}));
  EXPECT_FALSE(matches(R"(kind = "\*")", {.kind = "x"}));
  EXPECT_TRUE(matches(R"(kind = "(a=b) AND <c>:")", {.kind = "(a=b) AND <c>:"}));
  EXPECT_TRUE(matches(R"(kind = "AND")", {.kind = "AND"}));
  EXPECT_TRUE(matches("kind = \"gr\xC3\xBC\xC3\x9F\"", {.kind = "gr\xC3\xBC\xC3\x9F"}));
}

// XEP-0106: the JIDs of drops have backslashes.
TEST(Filter, LeavesABackslashOfAWordAlone) {
  const Row row{.requester = R"(bob\40example.net@bellhop.example.org)"};
  EXPECT_TRUE(matches(R"(requester:bob\40example.net@)", row));
  EXPECT_TRUE(matches(R"(requester = "bob\\40example.net@*")", row));
}

TEST(Filter, ComparesNumbers) {
  EXPECT_TRUE(matches("size = 1500"));
  EXPECT_TRUE(matches("size != 1501"));
  EXPECT_TRUE(matches("size < 1501 size > 1499 size <= 1500 size >= 1500"));
  EXPECT_FALSE(matches("size < 1500"));
  EXPECT_FALSE(matches("size > 1500"));
  EXPECT_FALSE(matches("size <= 1499"));
  EXPECT_FALSE(matches("size >= 1501"));
  EXPECT_TRUE(matches("size = \"1500\""));
  EXPECT_TRUE(matches("size = 18446744073709551615", {.size = ~std::uint64_t{0}}));
}

TEST(Filter, ReadsSuffixesOfNumbers) {
  EXPECT_TRUE(matches("size = 2k", {.size = 2'000}));
  EXPECT_TRUE(matches("size = 2M", {.size = 2'000'000}));
  EXPECT_TRUE(matches("size = 2G", {.size = 2'000'000'000}));
  EXPECT_TRUE(matches("size = 2Ki", {.size = 2'048}));
  EXPECT_TRUE(matches("size = 2Mi", {.size = 2'097'152}));
  EXPECT_TRUE(matches("size = 2Gi", {.size = 2'147'483'648}));
  EXPECT_TRUE(matches("size = 17179869183Gi", {.size = 17'179'869'183ULL << 30}));
  for (const std::string_view text :
       {"size = 17179869184Gi", "size = 18446744073709551616", "size = 1K", "size = 1.5M",
        "size = -1", "size = +1", "size = k", "size = 1kk", "size = 0x1", "size > 5*", "size = *",
        "size = \"\"", "size:1*", "size = 1kB"}) {
    EXPECT_NE(why_not(text).find("is no whole number"), std::string::npos) << text;
  }
}

// AIP-160: "a b AND c" is (a and b) and c; "a OR b" is bound first, whatever stands around it.
TEST(Filter, BindsOrTighterThanAnd) {
  const Row row{.kind = "a", .size = 1};
  EXPECT_FALSE(matches("kind = a OR kind = b AND size = 2", row));
  EXPECT_TRUE(matches("kind = a OR (kind = b AND size = 2)", row));
  EXPECT_FALSE(matches("size = 2 AND kind = b OR kind = a", row));
  EXPECT_FALSE(matches("size = 2 kind = b OR kind = a", row));
  EXPECT_TRUE(matches("size = 1 kind = b OR kind = a", row));
  EXPECT_TRUE(matches("size = 1 AND kind = b OR kind = c OR kind = a AND name:*", row));
}

TEST(Filter, TakesFactorsSideBySideAsAnd) {
  EXPECT_TRUE(matches("kind = socks5 size = 1500"));
  EXPECT_FALSE(matches("kind = socks5 size = 1"));
  EXPECT_TRUE(matches("(kind = socks5) (size = 1500)"));
  EXPECT_TRUE(matches("(kind = socks5)AND(size = 1500)"));
}

TEST(Filter, NegatesTheNextTermOnly) {
  EXPECT_TRUE(matches("NOT kind = upload"));
  EXPECT_FALSE(matches("NOT kind = socks5"));
  EXPECT_TRUE(matches("-kind:upload"));
  EXPECT_FALSE(matches("-kind:socks5"));
  EXPECT_TRUE(matches("NOT kind = upload size = 1500"));
  EXPECT_TRUE(matches("NOT size = 1500 OR kind = socks5"));
  EXPECT_TRUE(matches("NOT (kind = socks5 AND size = 1)"));
  EXPECT_FALSE(matches("-(kind = socks5 OR size = 1)"));
  EXPECT_TRUE(matches("NOT (NOT (kind = socks5))"));
  EXPECT_FALSE(matches("NOT kind != upload"));
}

TEST(Filter, NamesTheColumnOfAnUnknownFieldAndTheNearestOne) {
  EXPECT_EQ(why_not("name:* sise > 5"), "column 8: unknown field \"sise\"; did you mean \"size\"?");
  EXPECT_EQ(why_not("kind = a and size > 5"),
            "column 10: unknown field \"and\"; did you mean \"AND\"?");
  EXPECT_EQ(why_not("bandwidth > 5"),
            "column 1: unknown field \"bandwidth\"; there are name, kind, requester, size");
  EXPECT_TRUE(why_not("alice@example.org").starts_with("column 1: unknown field \"alice\""));
  // Columns are characters, not bytes.
  EXPECT_EQ(why_not("kind = gr\xC3\xBC\xC3\x9F sise = 1").substr(0, 10), "column 13:");
}

TEST(Filter, NamesTheColumnOfEverythingElse) {
  struct Wrong {
    std::string_view text;
    std::string_view detail;
  };
  const Wrong rows[] = {
      {"kind", "column 5: expected one of = != < <= > >= :"},
      {"kind ! a", "column 6: expected one of = != < <= > >= :"},
      {"kind =", "column 7: expected a value"},
      {"kind == a", "column 7: expected a value"},
      {"kind = )", "column 8: expected a value"},
      {"kind = AND size = 1", "column 8: expected a value; a text like this needs quotes"},
      {"kind = a:b", "column 9: expected a field's name"},
      {"= a", "column 1: expected a field's name"},
      {"\"kind\" = a", "column 1: expected a field's name"},
      {"kind = a AND", "column 13: expected a field's name"},
      {"AND kind = a", "column 1: expected a field's name"},
      {"kind = a AND AND kind = b", "column 14: expected a field's name"},
      {"kind = a OR", "column 12: expected a field's name"},
      {"NOT", "column 4: expected a field's name"},
      {"NOT NOT kind = a", "column 5: expected a field's name"},
      {"--kind:a", "column 2: expected a field's name"},
      {"()", "column 2: expected a field's name"},
      {"(kind = a", "column 1: \"(\" without \")\""},
      {"kind = a)", "column 9: \")\" without \"(\""},
      {"kind = \"a", "column 8: the quote is not closed"},
      {"kind = \"a\\", "column 10: only \\\\, \\\", \\' and \\* may be escaped"},
      {"kind = \"\\n\"", "column 9: only \\\\, \\\", \\' and \\* may be escaped"},
      {"kind = a*b", "column 9: a star stands at the start or the end, or as \"\\*\" for itself"},
      {"kind = \"a*b\"",
       "column 10: a star stands at the start or the end, or as \"\\*\" for itself"},
      {"kind < a*", "column 8: a star goes with =, != and :"},
      {"kind >= *", "column 9: a star goes with =, != and :"},
      {"size = many", "column 8: \"many\" is no whole number such as 1500, 64Ki or 2G"},
  };
  for (const Wrong& row : rows) EXPECT_EQ(why_not(row.text), row.detail) << row.text;
}

TEST(Filter, HasAMaximumOfBytes) {
  const std::string text = "kind=" + std::string(Filter::kTextBytesMax - 5, 'a');
  EXPECT_EQ(why_not(text), "");
  EXPECT_EQ(why_not(text + "a"), "column 4097: longer than 4096 bytes");
  EXPECT_NE(why_not(std::string(1 << 20, '(')), "");
}

TEST(Filter, HasAMaximumOfParenthesesWithinEachOther) {
  const auto nested = [](std::size_t depth) {
    return repeated("(", depth) + "kind=a" + repeated(")", depth);
  };
  EXPECT_EQ(why_not(nested(Filter::kDepthMax)), "");
  EXPECT_EQ(why_not(nested(Filter::kDepthMax + 1)),
            "column 33: more than 32 parentheses within each other");
  EXPECT_EQ(why_not(repeated("(kind=a)", 200)), "");  // side by side is not within
}

TEST(Filter, HasAMaximumOfComparisons) {
  const std::string text = repeated("size:1 ", Filter::kComparisonsMax);
  EXPECT_EQ(why_not(text), "");
  EXPECT_EQ(why_not(text + "size:2"), "column 1798: more than 256 comparisons");
}

TEST(Filter, SaysNothingInAMessageThatATerminalActsUpon) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string hostile(3, static_cast<char>(byte));
    for (const std::string& text : {hostile, "kind " + hostile, "kind = a " + hostile,
                                    "size = " + hostile, "size = \"" + hostile + "\""}) {
      const std::string detail = why_not(text);
      EXPECT_EQ(detail.find_first_not_of(" !\"#$%&'()*+,-./0123456789:;<=>?@"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                                         "abcdefghijklmnopqrstuvwxyz{|}~"),
                std::string::npos)
          << byte;
      EXPECT_LE(detail.size(), 256U);
    }
  }
  EXPECT_LE(why_not("size = " + std::string(4000, 'x')).size(), 256U);
  EXPECT_LE(why_not(std::string(4000, 'x')).size(), 256U);
}

TEST(Filter, AsksForNoMoreThanDecides) {
  const auto filter = Filter::parse("kind = a AND size > 1", kFields);
  ASSERT_TRUE(filter);
  std::vector<std::size_t> asked;
  const Row row;
  EXPECT_FALSE(filter->matches([&](std::size_t field) {
    asked.push_back(field);
    return row(field);
  }));
  EXPECT_EQ(asked, std::vector<std::size_t>{1});
}

/// Random filters together with what they must say about one row.
class RandomFilter {
 public:
  explicit RandomFilter(std::uint32_t seed) : random_(seed) {}

  struct Part {
    std::string text;
    bool holds;
  };

  Part expression(int depth) {
    Part all = factor(depth);
    for (std::uint32_t i = below(3); i > 0; --i) {
      const Part next = factor(depth);
      all.text += (below(2) == 0 ? " " : " AND ") + next.text;
      all.holds = all.holds && next.holds;
    }
    return all;
  }

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  Part factor(int depth) {
    Part any = term(depth);
    for (std::uint32_t i = below(3); i > 0; --i) {
      const Part next = term(depth);
      any.text += " OR " + next.text;
      any.holds = any.holds || next.holds;
    }
    return any;
  }

  Part term(int depth) {
    Part part = comparison();
    if (depth > 0 && below(2) == 0) {
      part = expression(depth - 1);
      part.text = "(" + part.text + ")";
    }
    const std::uint32_t sign = below(4);
    if (sign > 1) return part;
    return {(sign == 0 ? "NOT " : "-") + part.text, !part.holds};
  }

  Part comparison() {
    constexpr std::array<Part (*)(bool), 5> kForms{
        [](bool holds) {
          return Part{holds ? "size > 1499" : "size > 1500", holds};
        },
        [](bool holds) {
          return Part{holds ? "size <= 1500" : "size <= 1499", holds};
        },
        [](bool holds) {
          return Part{holds ? "kind = socks5" : "kind = upload", holds};
        },
        [](bool holds) {
          return Part{holds ? "kind != upload" : "kind != socks5", holds};
        },
        [](bool holds) {
          return Part{holds ? "requester:alice" : "requester:\"bob\"", holds};
        },
    };
    return kForms[below(kForms.size())](below(2) == 0);
  }

  std::mt19937 random_;
};

TEST(Filter, AgreesWithLogicOnRandomExpressions) {
  RandomFilter random(20);
  int parsed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto part = random.expression(3);
    const auto filter = Filter::parse(part.text, kFields);
    if (!filter) {
      EXPECT_NE(filter.error().detail().find("longer than"), std::string::npos) << part.text;
      continue;
    }
    ++parsed;
    ASSERT_EQ(filter->matches(Row{}), part.holds) << part.text;
  }
  EXPECT_GT(parsed, 900);
}

TEST(Filter, RefusesOrTakesEveryPieceOfAFilterWithoutHarm) {
  const std::string text = R"(NOT (kind = "a \"b\" *" OR -requester:'x*') AND size >= 10Mi name:*)";
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= text.size(); ++size) {
      const std::string piece = text.substr(begin, size);
      const auto filter = Filter::parse(piece, kFields);
      if (filter) {
        EXPECT_EQ(filter->matches(Row{}), filter->matches(Row{}));
      } else {
        EXPECT_TRUE(filter.error().detail().starts_with("column ")) << piece;
      }
    }
  }
}

}  // namespace
}  // namespace bellhop::admin
