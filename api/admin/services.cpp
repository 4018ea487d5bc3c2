#include "api/admin/services.hpp"

namespace bellhop::admin {
namespace {

// A member coroutine `Task<ApiResult<Response>> (Api::*)(Caller, Request)` as a row of the table.
template <typename Api, typename Request, typename Response>
void add(Dispatcher& dispatcher, const char* name, Api& api,
         runtime::Task<ApiResult<Response>> (Api::*method)(Caller, Request)) {
  dispatcher.add<Request, Response>(name, [&api, method](Caller caller, const Request& request) {
    return (api.*method)(std::move(caller), request);
  });
}

}  // namespace

void add_methods(Dispatcher& d, Services& s) {
  add(d, "SessionService/ListSessions", s.sessions, &SessionApi::list);
  add(d, "SessionService/GetSession", s.sessions, &SessionApi::get);
  add(d, "SessionService/UpdateSession", s.sessions, &SessionApi::update);
  add(d, "SessionService/EndSession", s.sessions, &SessionApi::end);
  add(d, "SessionService/EndSessions", s.sessions, &SessionApi::end_many);
  add(d, "BandwidthService/GetBandwidth", s.bandwidth, &BandwidthApi::get);
  add(d, "BandwidthService/QueryHistory", s.bandwidth, &BandwidthApi::history);
  add(d, "BandwidthService/ListTopTalkers", s.bandwidth, &BandwidthApi::talkers);
  add(d, "PolicyService/ListAccessRules", s.policy, &PolicyApi::list_access);
  add(d, "PolicyService/SetAccessRule", s.policy, &PolicyApi::set_access);
  add(d, "PolicyService/DeleteAccessRule", s.policy, &PolicyApi::delete_access);
  add(d, "PolicyService/ListQuotas", s.policy, &PolicyApi::list_quotas);
  add(d, "PolicyService/SetQuota", s.policy, &PolicyApi::set_quota);
  add(d, "PolicyService/DeleteQuota", s.policy, &PolicyApi::delete_quota);
  add(d, "PolicyService/GetUsage", s.policy, &PolicyApi::usage);
  add(d, "PolicyService/ListRateLimits", s.policy, &PolicyApi::list_rates);
  add(d, "PolicyService/SetRateLimit", s.policy, &PolicyApi::set_rate);
  add(d, "PolicyService/DeleteRateLimit", s.policy, &PolicyApi::delete_rate);
  add(d, "PolicyService/ExplainAccess", s.policy, &PolicyApi::explain);
  add(d, "FileService/ListFiles", s.files, &FileApi::list);
  add(d, "FileService/GetFile", s.files, &FileApi::get);
  add(d, "FileService/LookUpLink", s.files, &FileApi::look_up);
  add(d, "FileService/GetFileLink", s.files, &FileApi::link);
  add(d, "FileService/UpdateFile", s.files, &FileApi::update);
  add(d, "FileService/DeleteFile", s.files, &FileApi::remove);
  add(d, "FileService/DeleteFiles", s.files, &FileApi::remove_many);
  add(d, "FileService/GetStorage", s.files, &FileApi::storage);
  add(d, "TurnService/GetTurn", s.turn, &TurnApi::get);
  add(d, "TurnService/CreateTurnCredentials", s.turn, &TurnApi::credentials);
  add(d, "UpstreamService/ListUpstreams", s.node, &NodeApi::upstreams);
  add(d, "UpstreamService/ReconnectUpstream", s.node, &NodeApi::reconnect);
  add(d, "ConfigService/GetConfig", s.config, &ConfigApi::get);
  add(d, "ConfigService/CheckConfig", s.config, &ConfigApi::check);
  add(d, "ConfigService/ReloadConfig", s.config, &ConfigApi::reload);
  add(d, "LogService/GetLogLevel", s.node, &NodeApi::log_level);
  add(d, "LogService/SetLogLevel", s.node, &NodeApi::set_log_level);
  add(d, "NodeService/GetNode", s.node, &NodeApi::get);
  add(d, "NodeService/UndrainNode", s.node, &NodeApi::undrain);
  add(d, "NodeService/GetCaller", s.node, &NodeApi::caller);
  add(d, "NodeService/CreatePageLink", s.node, &NodeApi::page_link);
}

}  // namespace bellhop::admin
