// `bellhopctl top` without a terminal: what was read, what keys do, what the screen shows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/ctl/table.hpp"
#include "api/ctl/units.hpp"
#include "bellhop/admin/v1/bandwidth_service.pb.h"
#include "bellhop/admin/v1/node_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"

namespace bellhop::ctl {

/// Sessions that are read for one screen; a filter finds the others.
inline constexpr int kTopSessionsMax = 200;
/// Bytes that may be typed into the line at the bottom.
inline constexpr std::size_t kTopInputBytesMax = 512;

/// One reading. `error` is empty if it succeeded; else the rest is that of the reading before.
struct TopReading {
  bellhop::admin::v1::Node node;
  bellhop::admin::v1::BandwidthGroup total;
  std::vector<bellhop::admin::v1::Session> sessions;
  std::string error;
};

/// A key: one of these, or text that was typed.
struct TopKey {
  enum class Kind : unsigned char {
    text,
    up,
    down,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
  };
  Kind kind = Kind::text;
  std::string text;  ///< of Kind::text: one character in UTF-8
};

/// What a key has asked for.
struct TopRequest {
  enum class Kind : unsigned char { quit, read, end_session, limit_session };
  Kind kind;
  std::string session;     ///< full name
  std::uint64_t rate = 0;  ///< of limit_session, 0: none
};

/// One line of the screen, clean and no wider than it.
struct TopLine {
  std::string text;
  Tone tone = Tone::plain;
  bool is_selected = false;
};

/// The state behind the screen. No I/O.
class TopModel {
 public:
  TopModel(std::string sort, std::string filter, bool is_utf8);

  /// Takes a reading; the selection stays with its session.
  void take(TopReading reading);
  /// Says something in the bottom line, until the next key.
  void say(std::string message) { message_ = std::move(message); }
  /// A key was pressed; nothing if only the screen changes.
  [[nodiscard]] std::optional<TopRequest> press(const TopKey& key);
  /// Exactly `rows` lines.
  [[nodiscard]] std::vector<TopLine> frame(std::size_t rows, std::size_t columns, Moment now);

  [[nodiscard]] const std::string& filter() const { return filter_; }
  /// `rate`, `bytes`, `age` or `newest`.
  [[nodiscard]] const std::string& sort() const { return sort_; }

 private:
  enum class Mode : unsigned char { list, filter, limit, confirm_end };

  [[nodiscard]] std::optional<TopRequest> press_in_list(const TopKey& key);
  [[nodiscard]] std::optional<TopRequest> press_letter(char letter);
  [[nodiscard]] std::optional<TopRequest> press_in_input(const TopKey& key);
  [[nodiscard]] std::optional<TopRequest> finish_input();
  void move_selection(TopKey::Kind kind);
  void ask(Mode mode, std::string text);
  [[nodiscard]] std::string selected_name() const;
  [[nodiscard]] std::vector<TopLine> head(std::size_t columns, Moment now) const;
  [[nodiscard]] std::vector<TopLine> table(std::size_t columns, Moment now) const;
  [[nodiscard]] TopLine bottom() const;

  std::string sort_;
  std::string filter_;
  bool is_utf8_;
  TopReading reading_;
  std::size_t selected_ = 0;
  std::size_t first_shown_ = 0;
  std::size_t rows_shown_ = 1;  // of the last frame, for the page keys
  Mode mode_ = Mode::list;
  std::string input_;
  std::string subject_;  // the session that is asked about
  std::string message_;
};

}  // namespace bellhop::ctl
