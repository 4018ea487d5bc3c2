#include "component/xmpp/http_auth_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "component/xmpp/utf8.hpp"

namespace bellhop::xmpp {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// What a person cannot see, or what makes them see something else (Unicode 15: controls, formats,
// separators of lines, fillers, variation selectors, private use, tags).
constexpr std::array kHidden{
    Range{0x0000, 0x001F}, Range{0x007F, 0x00A0}, Range{0x00AD, 0x00AD}, Range{0x034F, 0x034F},
    Range{0x061C, 0x061C}, Range{0x115F, 0x1160}, Range{0x17B4, 0x17B5}, Range{0x180B, 0x180F},
    Range{0x2000, 0x200F}, Range{0x2028, 0x202F}, Range{0x205F, 0x206F}, Range{0x3000, 0x3000},
    Range{0x3164, 0x3164}, Range{0xE000, 0xF8FF}, Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF},
    Range{0xFFA0, 0xFFA0}, Range{0xFFF0, 0xFFFB}, Range{0xFFFE, 0xFFFF}, Range{0xE0000, 0x10FFFF},
};

bool is_hidden(char32_t c) {
  return std::ranges::any_of(
      kHidden, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= kConfirmMethodBytesMax &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
         });
}

bool is_url(std::string_view text) {
  return !text.empty() && text.size() <= kConfirmUrlBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, lower);
}

Element text_element(const char* name, std::string_view text) {
  Element element(name, ns::kComponentAccept);
  element.set_text(text);
  return element;
}

// XEP-0070 §4.5: the words that a person without support for the protocol answers.
std::string body_of(const HttpConfirm& confirm) {
  return "Somebody, maybe you, wants to reach " + confirm.url + " (" + confirm.method +
         ") in your name. The transaction is called: " + confirm.id +
         "\nIf this is you, reply OK in this conversation. If not, reply No or do nothing.";
}

std::string_view child_text(const Element& message, std::string_view name) {
  const Element* child = message.child(name, ns::kComponentAccept);
  return child == nullptr ? std::string_view() : trim(child->text());
}

}  // namespace

std::string displayable(std::string_view text, std::size_t characters_max) {
  std::string shown;
  for (std::size_t count = 0; !text.empty() && count < characters_max; ++count) {
    const Utf8Character next = decode_utf8(text);
    if (next.is_valid && !is_hidden(next.code_point)) {
      shown += text.substr(0, next.bytes);
    } else {
      shown += '?';
    }
    text.remove_prefix(next.bytes);
  }
  return shown;
}

base::Result<HttpConfirm> make_confirm(std::string_view id, std::string_view method,
                                       std::string_view url) {
  if (id.empty()) return base::Error(errors::bad_request, "no transaction id");
  if (!is_method(method)) return base::Error(errors::bad_request, "not a method");
  if (!is_url(url)) return base::Error(errors::bad_request, "not an address");
  return HttpConfirm{.id = displayable(id, kTransactionCharactersMax),
                     .method = std::string(method),
                     .url = std::string(url)};
}

Element to_element(const HttpConfirm& confirm) {
  Element element("confirm", ns::kHttpAuth);
  element.set("id", confirm.id).set("method", confirm.method).set("url", confirm.url);
  return element;
}

base::Result<HttpConfirm> parse_confirm(const Element& element) {
  HttpConfirm confirm{.id = std::string(element.attribute("id")),
                      .method = std::string(element.attribute("method")),
                      .url = std::string(element.attribute("url"))};
  const bool is_whole = !confirm.id.empty() && !confirm.method.empty() && !confirm.url.empty();
  if (!element.is("confirm", ns::kHttpAuth) || !is_whole) {
    return base::Error(errors::bad_request, "not a confirm element");
  }
  return confirm;
}

Element make_confirm_message(const Addresses& addresses, std::string_view thread,
                             const HttpConfirm& confirm) {
  Element message("message", ns::kComponentAccept);
  message.set("type", "normal").set("id", thread);
  message.set("from", addresses.from.text()).set("to", addresses.to.text());
  message.add(text_element("thread", thread));
  message.add(text_element("body", body_of(confirm)));
  message.add(to_element(confirm));
  // XEP-0334 §4.2: a question that nobody waits for any more is of no use later.
  message.add(Element("no-store", ns::kHints));
  return message;
}

std::string_view thread_of(const Element& message) {
  const std::string_view thread = child_text(message, "thread");
  const bool is_error = message.attribute("type") == "error";
  return thread.empty() && is_error ? message.attribute("id") : thread;
}

std::optional<base::Result<void>> read_confirm_answer(const Element& message,
                                                      const HttpConfirm& asked) {
  using Answer = base::Result<void>;
  const std::string_view type = message.attribute("type");
  if (type == "error") return Answer(to_error(read_error(message)));
  if (type == "groupchat" || type == "headline") return std::nullopt;
  if (const Element* element = message.child("confirm", ns::kHttpAuth)) {
    const auto confirm = parse_confirm(*element);
    if (!confirm || *confirm != asked) return std::nullopt;
    return Answer();
  }
  const std::string_view body = child_text(message, "body");
  if (is_word(body, "ok")) return Answer();
  if (is_word(body, "no")) return Answer(base::Error(errors::not_authorized, "said no"));
  return std::nullopt;
}

}  // namespace bellhop::xmpp
