// TurnService: the relay for calls.
#pragma once

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/turn_service.pb.h"

namespace bellhop::admin {

/// The admin thread.
class TurnApi {
 public:
  explicit TurnApi(Core& core) : core_(core) {}

  [[nodiscard]] runtime::Task<ApiResult<v1::GetTurnResponse>> get(Caller caller,
                                                                  v1::GetTurnRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::CreateTurnCredentialsResponse>> credentials(
      Caller caller, v1::CreateTurnCredentialsRequest request);

 private:
  Core& core_;
};

[[nodiscard]] v1::Turn to_proto(const api::TurnStatus& status);

/// Parent domains of the components that offer `service`, each once, in their order.
[[nodiscard]] std::vector<std::string> parents_with(const config::Settings& settings,
                                                    config::Service service);

}  // namespace bellhop::admin
