#include "api/observe/talker_windows.hpp"

#include <algorithm>

namespace bellhop::observe {
namespace {

std::vector<HeavyHitters> make_sketches(std::int64_t n, std::size_t capacity) {
  std::vector<HeavyHitters> sketches;
  for (std::int64_t i = 0; i < n; ++i) sketches.emplace_back(capacity);
  return sketches;
}

std::int64_t sixth_of(Second time, Second sixth_seconds) {
  return round_down(time, sixth_seconds) / sixth_seconds;
}

}  // namespace

HeavyHitters& TalkerWindows::Ring::sketch_of(std::int64_t sixth) {
  return sketches[static_cast<std::size_t>(sixth - round_down(sixth, kSketches))];
}

const HeavyHitters& TalkerWindows::Ring::sketch_of(std::int64_t sixth) const {
  return sketches[static_cast<std::size_t>(sixth - round_down(sixth, kSketches))];
}

void TalkerWindows::Ring::move_to(std::int64_t sixth) {
  if (is_behind(sixth) || sixth - newest >= kSketches) {
    for (HeavyHitters& sketch : sketches) sketch.clear();
    newest = sixth;
  }
  while (newest < sixth) sketch_of(++newest).clear();
}

TalkerWindows::TalkerWindows(std::size_t capacity)
    : rings_{Ring{.sixth_seconds = 10, .sketches = make_sketches(kSketches, capacity)},
             Ring{.sixth_seconds = 600, .sketches = make_sketches(kSketches, capacity)},
             Ring{.sixth_seconds = 14'400, .sketches = make_sketches(kSketches, capacity)}} {}

void TalkerWindows::add(Second now, std::string_view key, std::uint64_t bytes) {
  for (Ring& ring : rings_) {
    ring.move_to(sixth_of(now, ring.sixth_seconds));
    ring.sketch_of(ring.newest).add(key, bytes);
  }
}

TalkerWindows::Answer TalkerWindows::top(TalkerWindow window, Second now, std::size_t n) const {
  const Ring& ring = rings_[static_cast<std::size_t>(window)];
  const std::int64_t asked = sixth_of(now, ring.sixth_seconds);
  Answer answer;
  if (ring.is_behind(asked)) return answer;
  const std::int64_t last = std::max(asked, ring.newest);
  std::vector<const HeavyHitters*> sketches;
  // What is newer than the newest has not been cleared of a former round.
  for (std::int64_t sixth = last - kSketches + 1; sixth <= ring.newest; ++sixth) {
    sketches.push_back(&ring.sketch_of(sixth));
    answer.total += sketches.back()->total();
    answer.error_max += sketches.back()->error_max();
  }
  answer.talkers = HeavyHitters::top_of(sketches, n);
  return answer;
}

}  // namespace bellhop::observe
