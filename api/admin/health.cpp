#include "api/admin/health.hpp"

#include <algorithm>

namespace bellhop::admin {

runtime::Task<std::optional<bool>> health_of(Core& core, std::string part) {
  struct Control {
    bool is_attached = false;
    bool is_open = false;
  };
  auto ask = [&control = core.parts.control] {
    const auto upstreams = control.upstreams();
    return Control{std::any_of(upstreams.begin(), upstreams.end(),
                               [](const api::UpstreamStatus& upstream) {
                                 return upstream.status.state ==
                                        xmpp::Stream::Status::State::attached;
                               }),
                   control.node().is_open};
  };
  const Control status = co_await core.on_control(ask);
  const bool is_kept = !core.is_store_wanted || core.is_store_open;
  if (part == "bellhop.xmpp") co_return status.is_attached;
  if (part == "bellhop.socks5") co_return status.is_open;
  if (part == "bellhop.storage") co_return is_kept;
  if (part.empty()) co_return status.is_attached&& status.is_open&& is_kept;
  co_return std::nullopt;
}

}  // namespace bellhop::admin
