#include "relay/turn/port_pool.hpp"

#include <iterator>

#include "component/base/error.hpp"
#include "component/base/random.hpp"

namespace bellhop::turn {
namespace {

// RFC 8656 §7.2: never a well-known port.
constexpr std::uint16_t kPortMin = 1024;

bool is_even(std::size_t number) {
  return number % 2 == 0;
}

std::uint16_t even_of(std::uint16_t number) {
  return static_cast<std::uint16_t>(number & ~1u);
}

std::uint16_t next(std::uint16_t number) {
  return static_cast<std::uint16_t>(number + 1);
}

std::uint64_t random_number() {
  std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
  base::fill_random(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::uint16_t draw(const PortSet& numbers) {
  // 2^64 is not a multiple of every size; by 2^-48 at most some ports are likelier.
  return numbers.at(random_number() % numbers.size());
}

}  // namespace

PortPool::PortPool(std::uint16_t first, std::uint16_t last)
    : base_(even_of(first)),
      states_(std::size_t{last} - base_ + 1, State::absent),
      even_(states_.size()),
      odd_(states_.size()),
      pairs_(states_.size()) {
  BELLHOP_ASSERT(kPortMin <= first && first <= last);
  // In order: which stands where does not matter, since they are drawn at random.
  for (std::size_t number = first - base_; number < states_.size(); ++number) {
    states_[number] = State::taken;
    rest(static_cast<std::uint16_t>(number));
  }
  while (!resting_.empty()) wake_oldest();
}

std::optional<std::uint16_t> PortPool::take() {
  if (free_ports() == 0) return std::nullopt;
  // wake_enough() sees to it that half of what is free has rested.
  const std::size_t position = random_number() % (even_.size() + odd_.size());
  const std::uint16_t number =
      position < even_.size() ? even_.at(position) : odd_.at(position - even_.size());
  occupy(number);
  return port_of(number);
}

std::optional<std::uint16_t> PortPool::take_even() {
  if (free_even_ == 0) return std::nullopt;
  while (even_.empty()) wake_oldest();
  const std::uint16_t number = draw(even_);
  occupy(number);
  return port_of(number);
}

std::optional<PortPool::Pair> PortPool::take_pair(base::TimePoint now) {
  if (free_pairs_ == 0) return std::nullopt;
  while (pairs_.empty()) wake_oldest();
  const std::uint16_t number = draw(pairs_);
  occupy(number);
  occupy(next(number));

  Pair pair{};
  pair.port = port_of(number);
  base::fill_random(pair.token);
  reservations_.push_back(Reservation{pair.token, next(number), now + kReservation});
  by_token_[pair.token] = std::prev(reservations_.end());
  return pair;
}

std::optional<std::uint16_t> PortPool::take_reserved(const ReservationToken& token,
                                                     base::TimePoint now) {
  const auto found = by_token_.find(token);
  // One that is too old stays where it is: expire() gives its port back.
  if (found == by_token_.end() || now >= found->second->until) return std::nullopt;
  const std::uint16_t number = found->second->number;
  reservations_.erase(found->second);
  by_token_.erase(found);
  return port_of(number);
}

void PortPool::give_back(std::uint16_t port) {
  const auto number = static_cast<std::size_t>(port) - base_;
  BELLHOP_ASSERT(port >= base_ && number < states_.size() && states_[number] == State::taken);
  rest(static_cast<std::uint16_t>(number));
  wake_enough();
}

void PortPool::expire(base::TimePoint now) {
  while (!reservations_.empty() && now >= reservations_.front().until) {
    const std::uint16_t port = port_of(reservations_.front().number);
    by_token_.erase(reservations_.front().token);
    reservations_.pop_front();
    give_back(port);
  }
}

std::size_t PortPool::free_ports() const {
  return even_.size() + odd_.size() + resting_.size();
}

bool PortPool::is_free(std::size_t number) const {
  return number < states_.size() &&
         (states_[number] == State::rested || states_[number] == State::resting);
}

std::uint16_t PortPool::port_of(std::uint16_t number) const {
  return static_cast<std::uint16_t>(base_ + number);
}

// Takes a number that has rested.
void PortPool::occupy(std::uint16_t number) {
  const std::uint16_t even = even_of(number);
  if (is_free(even) && is_free(next(even))) --free_pairs_;
  if (is_even(number)) --free_even_;
  states_[number] = State::taken;
  (is_even(number) ? even_ : odd_).erase(number);
  pairs_.erase(even);
  wake_enough();
}

// Frees a number, which is last of all to be drawn from now on.
void PortPool::rest(std::uint16_t number) {
  const std::uint16_t even = even_of(number);
  states_[number] = State::resting;
  resting_.push_back(number);
  if (is_free(even) && is_free(next(even))) ++free_pairs_;
  if (is_even(number)) ++free_even_;
}

void PortPool::wake_oldest() {
  const std::uint16_t number = resting_.front();
  const std::uint16_t even = even_of(number);
  resting_.pop_front();
  states_[number] = State::rested;
  (is_even(number) ? even_ : odd_).insert(number);
  if (even_.contains(even) && odd_.contains(next(even))) pairs_.insert(even);
}

// One half of what is free rests at most, so the other half to draw from is not easily guessed.
void PortPool::wake_enough() {
  while (resting_.size() > even_.size() + odd_.size()) wake_oldest();
}

}  // namespace bellhop::turn
