// The precompiled header of the admin side: Asio, protobuf and what its files share. Without it
// each of them reads for seconds.
#pragma once

#include <google/protobuf/util/json_util.h>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/bandwidth_service.pb.h"
#include "bellhop/admin/v1/config_service.pb.h"
#include "bellhop/admin/v1/diagnostics_service.pb.h"
#include "bellhop/admin/v1/event_service.pb.h"
#include "bellhop/admin/v1/log_service.pb.h"
#include "bellhop/admin/v1/node_service.pb.h"
#include "bellhop/admin/v1/policy_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"
#include "bellhop/admin/v1/upstream_service.pb.h"
#include "component/runtime/asio_pch.hpp"
