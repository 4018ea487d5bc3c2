#include "api/ctl/top_model.hpp"

#include <algorithm>
#include <sstream>

#include "api/ctl/names.hpp"
#include "api/ctl/node_view.hpp"
#include "api/ctl/proto_time.hpp"
#include "api/ctl/session_view.hpp"

namespace bellhop::ctl {
namespace {

using Kind = TopKey::Kind;
using Request = TopRequest::Kind;

constexpr std::size_t kHeadRows = 3;
constexpr std::size_t kRowsMin = kHeadRows + 3;  // titles, one session, the bottom line

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void drop_last_character(std::string& text) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.back());
    text.pop_back();
    if ((byte & 0xC0U) != 0x80) break;  // RFC 3629 §3: not a continuation byte
  }
}

}  // namespace

TopModel::TopModel(std::string sort, std::string filter, bool is_utf8)
    : sort_(std::move(sort)), filter_(std::move(filter)), is_utf8_(is_utf8) {}

void TopModel::take(TopReading reading) {
  if (!reading.error.empty()) {
    reading_.error = std::move(reading.error);
    return;
  }
  const std::string name = selected_name();
  reading_ = std::move(reading);
  const auto& sessions = reading_.sessions;
  const auto found = std::find_if(sessions.begin(), sessions.end(),
                                  [&](const auto& session) { return session.name() == name; });
  if (found != sessions.end()) selected_ = static_cast<std::size_t>(found - sessions.begin());
  selected_ = sessions.empty() ? 0 : std::min(selected_, sessions.size() - 1);
}

std::string TopModel::selected_name() const {
  return selected_ < reading_.sessions.size() ? reading_.sessions[selected_].name() : "";
}

std::optional<TopRequest> TopModel::press(const TopKey& key) {
  message_.clear();
  return mode_ == Mode::list ? press_in_list(key) : press_in_input(key);
}

std::optional<TopRequest> TopModel::press_in_list(const TopKey& key) {
  if (key.kind != Kind::text) {
    move_selection(key.kind);
    return std::nullopt;
  }
  return key.text.size() == 1 ? press_letter(key.text.front()) : std::nullopt;
}

std::optional<TopRequest> TopModel::press_letter(char letter) {
  switch (letter) {
    case 'q':
      return TopRequest{.kind = Request::quit, .session = {}};
    case 'r':
      sort_ = "rate";
      break;
    case 'b':
      sort_ = "bytes";
      break;
    case 'a':
      sort_ = "age";
      break;
    case 'n':
      sort_ = "newest";
      break;
    case 'j':
      move_selection(Kind::down);
      return std::nullopt;
    case 'k':
      move_selection(Kind::up);
      return std::nullopt;
    case '/':
    case 'f':
      ask(Mode::filter, filter_);
      return std::nullopt;
    case 'e':
      ask(Mode::confirm_end, "");
      return std::nullopt;
    case 'l':
      ask(Mode::limit, "");
      return std::nullopt;
    default:
      return std::nullopt;
  }
  selected_ = 0;
  return TopRequest{.kind = Request::read, .session = {}};
}

void TopModel::move_selection(Kind kind) {
  if (reading_.sessions.empty()) return;
  const std::size_t last = reading_.sessions.size() - 1;
  switch (kind) {
    case Kind::up:
      selected_ -= selected_ == 0 ? 0 : 1;
      break;
    case Kind::down:
      ++selected_;
      break;
    case Kind::page_up:
      selected_ -= std::min(selected_, rows_shown_);
      break;
    case Kind::page_down:
      selected_ += rows_shown_;
      break;
    case Kind::home:
      selected_ = 0;
      break;
    case Kind::end:
      selected_ = last;
      break;
    default:
      break;
  }
  selected_ = std::min(selected_, last);
}

// The session is fixed here: the selection may move on while somebody types.
void TopModel::ask(Mode mode, std::string text) {
  subject_ = selected_name();
  if (mode != Mode::filter && subject_.empty()) {
    say("there is no session to choose");
    return;
  }
  mode_ = mode;
  input_ = std::move(text);
}

std::optional<TopRequest> TopModel::press_in_input(const TopKey& key) {
  switch (key.kind) {
    case Kind::escape:
      mode_ = Mode::list;
      return std::nullopt;
    case Kind::backspace:
      drop_last_character(input_);
      return std::nullopt;
    case Kind::enter:
      return finish_input();
    case Kind::text:
      if (input_.size() + key.text.size() <= kTopInputBytesMax) input_ += key.text;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<TopRequest> TopModel::finish_input() {
  const Mode mode = std::exchange(mode_, Mode::list);
  if (mode == Mode::filter) {
    filter_ = input_;
    return TopRequest{.kind = Request::read, .session = {}};
  }
  if (mode == Mode::confirm_end) {
    if (input_ == "y" || input_ == "yes") {
      return TopRequest{.kind = Request::end_session, .session = subject_};
    }
    say("nothing was done");
    return std::nullopt;
  }
  if (input_ == "none") return TopRequest{.kind = Request::limit_session, .session = subject_};
  const auto rate = parse_rate(input_);
  if (!rate || *rate == 0) {
    say(rate ? "a limit of 0 would stop it; none takes it away" : rate.error().detail());
    return std::nullopt;
  }
  return TopRequest{.kind = Request::limit_session, .session = subject_, .rate = *rate};
}

std::vector<TopLine> TopModel::head(std::size_t columns, Moment now) const {
  const auto& node = reading_.node;
  const auto& rates = reading_.total.rates();
  std::string first = "Bellhop " + node.version() + " ";
  first.append(state_name(node.state())).append(", up ");
  first += format_duration(now - to_moment(node.start_time())) + ", ";
  first += std::to_string(node.session_count()) + " sessions";
  const bool is_good = node.state() == bellhop::admin::v1::NODE_STATE_SERVING;
  const std::string second = format_rate(rates.last_second_bytes_per_second()) + " now, " +
                             format_rate(rates.ten_seconds_bytes_per_second()) + " over 10 s, " +
                             format_rate(rates.minute_bytes_per_second()) + " over 1 min, " +
                             format_bytes(reading_.total.total_bytes()) + " since start";
  std::string third = "by " + sort_;
  if (!filter_.empty()) third += ", only " + filter_;
  std::vector<TopLine> lines{{.text = first, .tone = is_good ? Tone::title : Tone::warning},
                             {.text = second},
                             {.text = third, .tone = Tone::faint}};
  if (!reading_.error.empty()) lines[2] = {.text = reading_.error, .tone = Tone::bad};
  const Style style{.is_utf8 = is_utf8_};
  for (TopLine& line : lines) line.text = cut(clean(line.text), columns, style.ellipsis());
  return lines;
}

std::vector<TopLine> TopModel::table(std::size_t columns, Moment now) const {
  Table rows = session_table(SessionRows::top);
  for (const auto& session : reading_.sessions) {
    add_session_row(rows, SessionRows::top, session, now);
  }
  std::ostringstream text;
  rows.print(text, {.columns_max = columns, .is_colored = false, .is_utf8 = is_utf8_});
  std::vector<TopLine> lines;
  for (std::string& line : lines_of(text.str())) lines.push_back({.text = std::move(line)});
  return lines;
}

TopLine TopModel::bottom() const {
  const std::string name(short_name(kSessionPrefix, subject_));
  switch (mode_) {
    case Mode::filter:
      return {.text = "filter: " + input_};
    case Mode::limit:
      return {.text = "limit of " + name + " (500k, 2Mi, none): " + input_};
    case Mode::confirm_end:
      return {.text = "end " + name + "? y, Enter: " + input_, .tone = Tone::warning};
    case Mode::list:
      break;
  }
  if (!message_.empty()) return {.text = message_, .tone = Tone::warning};
  return {.text = "q quit  sort: r rate b bytes a age n newest  / filter  e end  l limit",
          .tone = Tone::faint};
}

std::vector<TopLine> TopModel::frame(std::size_t rows, std::size_t columns, Moment now) {
  std::vector<TopLine> lines = head(columns, now);
  std::vector<TopLine> all = table(columns, now);
  const std::size_t height = std::max(rows, kRowsMin);
  rows_shown_ = height - kHeadRows - 2;
  if (selected_ < first_shown_) first_shown_ = selected_;
  if (selected_ >= first_shown_ + rows_shown_) first_shown_ = selected_ - rows_shown_ + 1;
  const std::size_t count = all.size() - 1;  // without the titles
  first_shown_ = std::min(first_shown_, count > rows_shown_ ? count - rows_shown_ : 0);
  all.front().tone = Tone::title;
  lines.push_back(all.front());
  for (std::size_t i = first_shown_; i < count && i < first_shown_ + rows_shown_; ++i) {
    all[i + 1].is_selected = i == selected_;
    lines.push_back(std::move(all[i + 1]));
  }
  lines.resize(height - 1);
  TopLine last = bottom();
  // Of what is typed the end is seen.
  last.text = clean(last.text);
  while (mode_ != Mode::list && display_width(last.text) > columns) last.text.erase(0, 1);
  last.text = cut(clean(last.text), columns, "");
  lines.push_back(std::move(last));
  lines.resize(rows);
  return lines;
}

}  // namespace bellhop::ctl
