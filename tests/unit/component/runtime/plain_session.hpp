// A session without sockets, for tests of what works with sessions of any kind.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "component/runtime/session.hpp"

namespace bellhop::runtime::test {

/// Number 1 began before number 2.
inline base::Ulid id_of(std::uint8_t number) {
  base::Ulid id;
  id.bytes.back() = number;
  return id;
}

/// Moves what the test says, notes how it was ended, and is finished then, as real ones are soon.
/// Others derive from it to be of somebody in particular.
class PlainSession : public Session {
 public:
  explicit PlainSession(const base::Ulid& id, base::TimePoint progress = {})
      : Session(id), progress_(progress) {}
  explicit PlainSession(std::uint8_t number, base::TimePoint progress = {})
      : PlainSession(id_of(number), progress) {}

  [[nodiscard]] std::string_view kind() const override { return "plain"; }
  void end(EndReason reason) override {
    endings.push_back(reason);
    if (list != nullptr) std::exchange(list, nullptr)->finish(*this, reason);
  }
  [[nodiscard]] base::TimePoint last_progress() const override { return progress_; }
  [[nodiscard]] SessionFacts facts() const override {
    return {id(), kind(), "alice@example.org/phone", "bob@example.net/desk", "", "", {}};
  }
  [[nodiscard]] SessionBytes bytes() const override { return moved_; }
  [[nodiscard]] std::string_view requester() const override { return "alice@example.org"; }
  [[nodiscard]] std::string_view parent_domain() const override { return "example.org"; }
  [[nodiscard]] const SessionLimits& limits() const override { return limits_; }
  void set_limits(SessionLimits limits) override { limits_ = std::move(limits); }
  void count(const SessionBytes& moved) override {
    ++counts;
    counted.first_to_second += moved.first_to_second;
    counted.second_to_first += moved.second_to_first;
    counted.dropped += moved.dropped;
  }

  void join(SessionList& joined) {
    joined.add(*this);
    list = &joined;
  }
  void move(const SessionBytes& more) {
    moved_.first_to_second += more.first_to_second;
    moved_.second_to_first += more.second_to_first;
    moved_.dropped += more.dropped;
    note_progress();
  }

  SessionList* list = nullptr;  ///< that end() takes it out of
  std::vector<EndReason> endings;
  SessionBytes counted;  ///< what count() was told, added up
  int counts = 0;

 private:
  base::TimePoint progress_;
  SessionBytes moved_;
  SessionLimits limits_;
};

}  // namespace bellhop::runtime::test
