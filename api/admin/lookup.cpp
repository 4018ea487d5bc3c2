#include "api/admin/lookup.hpp"

#include <algorithm>

#include "component/base/machine_addresses.hpp"

namespace bellhop::admin {

namespace asio = runtime::asio;

runtime::Task<std::shared_ptr<const Lookup>> addresses_of(std::string host,
                                                          base::Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  auto lookup = std::make_shared<Lookup>(executor, deadline);
  if (deadline.has_passed(base::Clock::now())) co_return lookup;
  auto on_answer = [lookup](const runtime::error_code& ec, const auto& results) {
    lookup->trouble = ec ? ec.message() : "";
    for (const auto& result : results) {
      auto address = base::IpAddress::parse(result.endpoint().address().to_string());
      auto& found = lookup->addresses;
      const bool is_new = address && std::ranges::find(found, *address) == found.end();
      if (is_new) found.push_back(*address);
    }
    lookup->done_or_late.cancel();
  };
  lookup->resolver.async_resolve(host, "", std::move(on_answer));
  co_await lookup->done_or_late.async_wait(runtime::kTuple);
  co_return lookup;
}

bool is_here(const std::vector<base::IpAddress>& addresses) {
  const auto own = base::machine_addresses();
  return std::ranges::any_of(addresses, [&own](const base::IpAddress& address) {
    return std::ranges::find(own, address) != own.end();
  });
}

}  // namespace bellhop::admin
