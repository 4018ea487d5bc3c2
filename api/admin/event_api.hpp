// EventService.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/node_api.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/event_service.pb.h"

namespace bellhop::admin {

/// Makes events of what the observer tells, and serves WatchEvents. The admin thread.
class EventApi final : public observe::SessionListener {
 public:
  EventApi(Core& core, NodeApi& node);
  ~EventApi() override;

  [[nodiscard]] runtime::Task<ApiResult<void>> watch(Caller caller, v1::WatchEventsRequest request,
                                                     Outlet<v1::WatchEventsResponse>& outlet);

  void on_started(const observe::SessionRow& row) override;
  void on_moved(const observe::SessionRow&) override {}
  void on_ended(const observe::SessionRow& row) override;

  /// A component stream has come or gone.
  void publish(const api::UpstreamStatus& upstream);

 private:
  void publish(const observe::SessionRow& row, const char* summary);
  [[nodiscard]] runtime::Task<std::vector<v1::Event>> state(const std::set<int>& types);

  Core& core_;
  NodeApi& node_;
};

}  // namespace bellhop::admin
