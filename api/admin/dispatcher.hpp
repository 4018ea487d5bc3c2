// The one door through which every call to the admin API goes, whatever transport it came by.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/access.pb.h"

namespace bellhop::admin {

/// Checks the caller's role, runs the method, counts the call, and writes every change to the audit
/// log. Which role a method asks for stands in its .proto; one without is a bug that ends the
/// start. The admin thread.
class Dispatcher {
 public:
  using Message = google::protobuf::Message;
  using MessagePtr = std::unique_ptr<Message>;
  using Reply = ApiResult<MessagePtr>;

  explicit Dispatcher(Core& core) : core_(core) {}
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// `name` is `SessionService/GetSession`; `method(Caller, Request)` is a coroutine that returns
  /// ApiResult<Response>. At start-up.
  template <typename Request, typename Response, typename Method>
  void add(const std::string& name, Method method) {
    add_row(name, Row{access_of(name), &Request::default_instance(),
                      [method](Caller caller, const Message& request) {
                        const auto& typed = dynamic_cast<const Request&>(request);
                        return erased<Response>(method(std::move(caller), typed));
                      }});
  }

  /// Runs a unary method. Errors: errors::not_found for a name that was not added, what the method
  /// says, or errors::permission_denied. What a method throws is errors::unavailable to the caller
  /// and a line in the log.
  [[nodiscard]] runtime::Task<Reply> call(Caller caller, std::string name, MessagePtr request);
  /// An empty request of a method; null: there is no such one.
  [[nodiscard]] MessagePtr new_request(const std::string& name) const;

  /// The same for a watch: `body` is the coroutine that serves it.
  [[nodiscard]] runtime::Task<ApiResult<void>> watch(Caller caller, std::string name,
                                                     MessagePtr request,
                                                     runtime::Task<ApiResult<void>> body);

 private:
  struct Row {
    v1::Access access = v1::ACCESS_UNSPECIFIED;
    const Message* prototype = nullptr;
    std::function<runtime::Task<Reply>(Caller, const Message&)> run;
  };

  template <typename Response>
  [[nodiscard]] static runtime::Task<Reply> erased(runtime::Task<ApiResult<Response>> method) {
    ApiResult<Response> response = co_await std::move(method);
    if (!response) co_return response.error();
    MessagePtr message = std::make_unique<Response>(std::move(*response));
    co_return Reply(std::move(message));
  }

  [[nodiscard]] static v1::Access access_of(const std::string& name);
  void add_row(const std::string& name, Row row);
  [[nodiscard]] static ApiResult<void> check_role(v1::Access access, const Caller& caller);
  void finish(const std::string& name, v1::Access access, const Caller& caller,
              const Message& request, const ApiError* error);
  void audit(const std::string& name, const Caller& caller, const Message& request,
             const std::string& result);

  Core& core_;
  std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace bellhop::admin
