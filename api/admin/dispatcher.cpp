#include "api/admin/dispatcher.hpp"

#include <algorithm>

#include "api/admin/convert.hpp"
#include "api/admin/json.hpp"
#include "component/runtime/cancellation.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

// What the audit log keeps of a request.
constexpr std::size_t kRequestBytesMax = 512;

std::string shown(const google::protobuf::Message& request) {
  std::string text = to_json(request);
  if (text.size() <= kRequestBytesMax) return text;
  std::size_t end = kRequestBytesMax;
  // Half a character would be lost together with what follows it when this is written as JSON.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

v1::Access Dispatcher::access_of(const std::string& name) {
  std::string full = "bellhop.admin.v1." + name;
  std::replace(full.begin(), full.end(), '/', '.');
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full);
  BELLHOP_ASSERT(method != nullptr);
  const v1::Access access = method->options().GetExtension(v1::access);
  BELLHOP_ASSERT(access != v1::ACCESS_UNSPECIFIED);
  return access;
}

void Dispatcher::add_row(const std::string& name, Row row) {
  const bool is_new = rows_.emplace(name, std::move(row)).second;
  BELLHOP_ASSERT(is_new);
}

Dispatcher::MessagePtr Dispatcher::new_request(const std::string& name) const {
  const auto row = rows_.find(name);
  return row == rows_.end() ? nullptr : MessagePtr(row->second.prototype->New());
}

ApiResult<void> Dispatcher::check_role(v1::Access access, const Caller& caller) {
  if (access == v1::ACCESS_READ || caller.role == config::AdminRole::full) return {};
  return ApiError(errors::permission_denied, caller.identity + " may only look");
}

Task<Dispatcher::Reply> Dispatcher::call(Caller caller, std::string name, MessagePtr request) {
  const auto row = rows_.find(name);
  if (row == rows_.end()) co_return ApiError(errors::not_found, "there is no method " + name);
  const v1::Access access = row->second.access;
  Reply reply = ApiError(errors::unavailable);
  if (auto allowed = check_role(access, caller); !allowed) {
    reply = allowed.error();
  } else {
    try {
      reply = co_await row->second.run(caller, *request);
    } catch (const std::exception& failure) {
      if (runtime::is_cancellation(failure)) throw;
      core_.parts.log.write(base::Severity::error, "admin_call_failed",
                            {{"method", name}, {"reason", failure.what()}});
    }
  }
  const ApiError error = reply ? ApiError() : reply.error();
  finish(name, access, caller, *request, reply ? nullptr : &error);
  co_return reply;
}

Task<ApiResult<void>> Dispatcher::watch(Caller caller, std::string name, MessagePtr request,
                                        Task<ApiResult<void>> body) {
  const v1::Access access = access_of(name);
  if (auto allowed = check_role(access, caller); !allowed) {
    const ApiError error = allowed.error();
    finish(name, access, caller, *request, &error);
    co_return error;
  }
  if (core_.watches >= core_.parts.settings.admin.watches_max) {
    const ApiError error(errors::too_many_watchers);
    finish(name, access, caller, *request, &error);
    co_return error;
  }
  ++core_.watches;
  ApiResult<void> result = ApiError(errors::unavailable);
  try {
    result = co_await std::move(body);
  } catch (const std::exception& failure) {
    if (!runtime::is_cancellation(failure)) {
      core_.parts.log.write(base::Severity::error, "admin_call_failed",
                            {{"method", name}, {"reason", failure.what()}});
    }
  }
  --core_.watches;
  const ApiError error = result ? ApiError() : result.error();
  finish(name, access, caller, *request, result ? nullptr : &error);
  co_return result;
}

void Dispatcher::finish(const std::string& name, v1::Access access, const Caller& caller,
                        const Message& request, const ApiError* error) {
  const std::string result = error == nullptr ? "ok" : std::string(error->kind().name);
  ++core_.calls[{name.substr(0, name.find('/')), result}];
  if (access == v1::ACCESS_FULL) audit(name, caller, request, result);
}

void Dispatcher::audit(const std::string& name, const Caller& caller, const Message& request,
                       const std::string& result) {
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_AUDIT);
  event.set_summary(caller.identity + " called " + name + ": " + result);
  v1::AuditRecord& record = *event.mutable_audit();
  record.set_identity(caller.identity);
  record.set_method(name);
  record.set_request(shown(request));
  record.set_result(result);
  core_.parts.log.write(base::Severity::info, "admin_change",
                        {{"identity", caller.identity},
                         {"method", name},
                         {"request", record.request()},
                         {"result", result}});
  *event.mutable_time() = to_proto(std::chrono::system_clock::now());
  core_.keep_audit(to_json(event));
  core_.events.publish(std::move(event));
}

}  // namespace bellhop::admin
