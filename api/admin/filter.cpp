#include "api/admin/filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "api/admin/errors.hpp"
#include "config/suggestion.hpp"

namespace bellhop::admin {
namespace {

using base::Result;
using filter_detail::Comparison;
using filter_detail::Relation;

// What a message quotes of the filter at most.
constexpr std::size_t kQuotedBytesMax = 64;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kEndsOfWord = " \t\r\n()\"'=!<>:";
constexpr std::array<std::string_view, 3> kKeywords{"AND", "OR", "NOT"};

struct Operator {
  std::string_view sign;
  Relation relation;
  bool is_negated;
};

// The longer of two that begin alike comes first.
constexpr std::array<Operator, 7> kOperators{{
    {"!=", Relation::equal, true},
    {"<=", Relation::at_most, false},
    {">=", Relation::less, true},
    {"=", Relation::equal, false},
    {"<", Relation::less, false},
    {">", Relation::at_most, true},
    {":", Relation::present, false},  // or equal, as its value says
}};

struct Suffix {
  std::string_view text;
  std::uint64_t factor;
};
constexpr std::array<Suffix, 7> kSuffixes{{
    {"", 1},
    {"k", 1'000},
    {"M", 1'000'000},
    {"G", 1'000'000'000},
    {"Ki", std::uint64_t{1} << 10},
    {"Mi", std::uint64_t{1} << 20},
    {"Gi", std::uint64_t{1} << 30},
}};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.';
}

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

// ASCII only: it goes into logs and terminals.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kQuotedBytesMax)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kQuotedBytesMax ? "...\"" : "\"");
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc()) return std::nullopt;
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  for (const Suffix& known : kSuffixes) {
    if (known.text != suffix) continue;
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(number, known.factor, &product)) return std::nullopt;
    return product;
  }
  return std::nullopt;
}

/// A part of the filter while it is read.
struct Node {
  enum class Kind : std::uint8_t { comparison, all, any };
  Kind kind = Kind::all;
  bool is_negated = false;
  std::vector<Node> parts;
  Comparison comparison;
};

Node joined(Node::Kind kind, std::vector<Node> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Node node;
  node.kind = kind;
  node.parts = std::move(parts);
  return node;
}

/// Appends what `node` asks to `program` and returns where to begin. It runs from the last
/// comparison to the first, so that what an answer leads to is there before it.
std::uint16_t emit(Node& node, std::uint16_t if_true, std::uint16_t if_false,
                   std::vector<Comparison>& program) {
  if (node.is_negated) std::swap(if_true, if_false);
  if (node.kind == Node::Kind::comparison) {
    node.comparison.if_true = if_true;
    node.comparison.if_false = if_false;
    program.push_back(std::move(node.comparison));
    return static_cast<std::uint16_t>(program.size() - 1);
  }
  std::uint16_t& next = node.kind == Node::Kind::all ? if_true : if_false;
  for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) {
    next = emit(*part, if_true, if_false, program);
  }
  return next;
}

constexpr std::string_view kMisplacedStar =
    R"(a star stands at the start or the end, or as "\*" for itself)";

/// What stands to the right of an operator.
struct Operand {
  std::size_t at = 0;  // offset of its first byte
  std::string text;    // without stars
  bool has_open_start = false;
  bool has_open_end = false;

  [[nodiscard]] bool has_star() const { return has_open_start || has_open_end; }
  [[nodiscard]] bool is_star_alone() const { return has_star() && text.empty(); }

  /// False if a star has come between two characters.
  bool add(char c) {
    text += c;
    return !has_open_end;
  }
  void add_star() { (text.empty() ? has_open_start : has_open_end) = true; }
};

/// Recursive descent; each function reads one rule of filter.hpp and stops behind it.
class Parser {
 public:
  Parser(std::string_view text, std::span<const Filter::Field> fields)
      : text_(text), fields_(fields) {}

  Result<Node> whole();

 private:
  Result<Node> expression();
  Result<Node> factor();
  Result<Node> term();
  Result<Node> group();
  Result<Node> comparison();
  Result<std::size_t> field();
  Result<Operand> operand();
  Result<Operand> quoted_operand();
  Result<Node> compare(std::size_t field, const Operator& sign, Operand operand);
  std::optional<base::Error> compare_number(const Operand& operand, Comparison& comparison) const;
  std::optional<base::Error> compare_text(const Operator& sign, Operand operand,
                                          Comparison& comparison) const;

  [[nodiscard]] base::Error fault(std::size_t at, std::string_view what) const;
  [[nodiscard]] base::Error unknown_field(std::size_t at, std::string_view name) const;
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool is_at(char c) const { return !is_at_end() && text_[at_] == c; }
  [[nodiscard]] std::string_view name_here() const;
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }
  bool take_keyword(std::string_view keyword);

  std::string_view text_;
  std::span<const Filter::Field> fields_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t comparisons_ = 0;
};

base::Error Parser::fault(std::size_t at, std::string_view what) const {
  const std::string_view before = text_.substr(0, at);
  const auto column = 1 + std::count_if(before.begin(), before.end(), [](char c) {
                        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80;  // UTF-8
                      });
  return {errors::bad_filter, "column " + std::to_string(column) + ": " + std::string(what)};
}

base::Error Parser::unknown_field(std::size_t at, std::string_view name) const {
  std::vector<std::string> known(kKeywords.begin(), kKeywords.end());
  for (const Filter::Field& field : fields_) known.emplace_back(field.name);
  std::string what = "unknown field " + quoted(name);
  if (const auto near = config::closest(name, known)) {
    return fault(at, what + "; did you mean \"" + *near + "\"?");
  }
  what += "; there are";
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    what.append(i == 0 ? " " : ", ").append(fields_[i].name);
  }
  return fault(at, what);
}

std::string_view Parser::name_here() const {
  if (is_at_end() || !is_letter(text_[at_])) return {};
  std::size_t end = at_;
  while (end < text_.size() && is_name_character(text_[end])) ++end;
  return text_.substr(at_, end - at_);
}

bool Parser::take_keyword(std::string_view keyword) {
  if (name_here() != keyword) return false;
  at_ += keyword.size();
  skip_blanks();
  return true;
}

Result<Node> Parser::whole() {
  if (text_.size() > Filter::kTextBytesMax) {
    return fault(Filter::kTextBytesMax,
                 "longer than " + std::to_string(Filter::kTextBytesMax) + " bytes");
  }
  skip_blanks();
  if (is_at_end()) return Node{};
  auto node = expression();
  if (node && !is_at_end()) return fault(at_, "\")\" without \"(\"");
  return node;
}

Result<Node> Parser::expression() {
  std::vector<Node> parts;
  do {
    auto part = factor();
    if (!part) return part;
    parts.push_back(std::move(*part));
    if (is_at_end() || is_at(')')) return joined(Node::Kind::all, std::move(parts));
    take_keyword("AND");
  } while (true);
}

Result<Node> Parser::factor() {
  std::vector<Node> parts;
  do {
    auto part = term();
    if (!part) return part;
    parts.push_back(std::move(*part));
  } while (take_keyword("OR"));
  return joined(Node::Kind::any, std::move(parts));
}

Result<Node> Parser::term() {
  bool is_negated = take_keyword("NOT");
  if (!is_negated && is_at('-')) {
    ++at_;
    is_negated = true;
  }
  auto node = is_at('(') ? group() : comparison();
  if (!node) return node;
  node->is_negated ^= is_negated;
  skip_blanks();
  return node;
}

Result<Node> Parser::group() {
  const std::size_t opened_at = at_;
  if (++depth_ > Filter::kDepthMax) {
    return fault(
        at_, "more than " + std::to_string(Filter::kDepthMax) + " parentheses within each other");
  }
  ++at_;
  skip_blanks();
  auto node = expression();
  if (!node) return node;
  if (is_at_end()) return fault(opened_at, "\"(\" without \")\"");
  ++at_;
  --depth_;
  return node;
}

Result<Node> Parser::comparison() {
  const auto index = field();
  if (!index) return index.error();
  skip_blanks();
  const auto sign = std::find_if(kOperators.begin(), kOperators.end(), [this](const auto& row) {
    return text_.substr(at_).starts_with(row.sign);
  });
  if (sign == kOperators.end()) return fault(at_, "expected one of = != < <= > >= :");
  at_ += sign->sign.size();
  skip_blanks();
  auto right = operand();
  if (!right) return right.error();
  if (++comparisons_ > Filter::kComparisonsMax) {
    return fault(right->at,
                 "more than " + std::to_string(Filter::kComparisonsMax) + " comparisons");
  }
  return compare(*index, *sign, std::move(*right));
}

Result<std::size_t> Parser::field() {
  const std::string_view name = name_here();
  if (name.empty() || is_keyword(name)) return fault(at_, "expected a field's name");
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name != name) continue;
    at_ += name.size();
    return i;
  }
  return unknown_field(at_, name);
}

Result<Operand> Parser::operand() {
  if (is_at('"') || is_at('\'')) return quoted_operand();
  Operand right;
  right.at = at_;
  const std::size_t end = std::min(text_.find_first_of(kEndsOfWord, at_), text_.size());
  const std::string_view word = text_.substr(at_, end - at_);
  if (word.empty()) return fault(at_, "expected a value");
  if (is_keyword(word)) return fault(at_, "expected a value; a text like this needs quotes");
  for (; at_ < end; ++at_) {
    if (is_at('*')) {
      right.add_star();
    } else if (!right.add(text_[at_])) {
      return fault(at_ - 1, kMisplacedStar);
    }
  }
  return right;
}

Result<Operand> Parser::quoted_operand() {
  constexpr std::string_view kEscaped = "\\\"'*";
  Operand right;
  right.at = at_;
  const char quote = text_[at_];
  for (++at_; !is_at_end(); ++at_) {
    if (is_at(quote)) {
      ++at_;
      return right;
    }
    if (is_at('*')) {
      right.add_star();
      continue;
    }
    const std::size_t begin = at_;
    if (is_at('\\')) ++at_;
    if (at_ != begin && (is_at_end() || kEscaped.find(text_[at_]) == std::string_view::npos)) {
      return fault(begin, R"(only \\, \", \' and \* may be escaped)");
    }
    if (!right.add(text_[at_])) return fault(begin - 1, kMisplacedStar);
  }
  return fault(right.at, "the quote is not closed");
}

Result<Node> Parser::compare(std::size_t field, const Operator& sign, Operand operand) {
  Node node;
  node.kind = Node::Kind::comparison;
  node.is_negated = sign.is_negated;
  Comparison& comparison = node.comparison;
  comparison.field = field;
  comparison.is_number = fields_[field].type == Filter::Type::number;
  comparison.relation = sign.relation;
  if (sign.relation == Relation::present) {
    if (operand.is_star_alone()) return node;
    comparison.relation = Relation::equal;
  }
  const auto refusal = comparison.is_number ? compare_number(operand, comparison)
                                            : compare_text(sign, std::move(operand), comparison);
  if (refusal) return *refusal;
  return node;
}

std::optional<base::Error> Parser::compare_number(const Operand& operand,
                                                  Comparison& comparison) const {
  const auto number = operand.has_star() ? std::nullopt : parse_number(operand.text);
  if (!number) {
    return fault(operand.at, quoted(text_.substr(operand.at, at_ - operand.at)) +
                                 " is no whole number such as 1500, 64Ki or 2G");
  }
  comparison.number = *number;
  return std::nullopt;
}

std::optional<base::Error> Parser::compare_text(const Operator& sign, Operand operand,
                                                Comparison& comparison) const {
  if (comparison.relation != Relation::equal && operand.has_star()) {
    return fault(operand.at, "a star goes with =, != and :");
  }
  const bool is_within = sign.relation == Relation::present && !operand.has_star();
  comparison.has_open_start = operand.has_open_start || is_within;
  comparison.has_open_end = operand.has_open_end || is_within;
  comparison.text = std::move(operand.text);
  return std::nullopt;
}

}  // namespace

bool filter_detail::Comparison::holds(const Value& value) const {
  BELLHOP_ASSERT(is_number == std::holds_alternative<std::uint64_t>(value));
  if (is_number) {
    const std::uint64_t found = *std::get_if<std::uint64_t>(&value);
    if (relation == Relation::equal) return found == number;
    if (relation == Relation::less) return found < number;
    return relation == Relation::present || found <= number;
  }
  const std::string_view found = *std::get_if<std::string_view>(&value);
  if (relation == Relation::present) return !found.empty();
  if (relation == Relation::less) return found < text;
  if (relation == Relation::at_most) return found <= text;
  if (has_open_start && has_open_end) return found.find(text) != std::string_view::npos;
  if (has_open_start) return found.ends_with(text);
  return has_open_end ? found.starts_with(text) : found == text;
}

Result<Filter> Filter::parse(std::string_view text, std::span<const Field> fields) {
  auto node = Parser(text, fields).whole();
  if (!node) return node.error();
  std::vector<Comparison> program;
  const std::uint16_t entry =
      emit(*node, filter_detail::kMatched, filter_detail::kNotMatched, program);
  return Filter(std::move(program), entry);
}

}  // namespace bellhop::admin
