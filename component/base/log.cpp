#include "component/base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

#include "component/base/ip_address.hpp"

namespace bellhop::base {
namespace {

// Longer values are hostile or useless; a line stays readable and bounded.
constexpr std::size_t kValueBytesMax = 1024;

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '"' || byte == '=' || byte == '\\' || byte == 0x7f) return true;
  }
  return false;
}

void append_value(std::string& line, std::string_view value) {
  const bool is_cut = value.size() > kValueBytesMax;
  if (is_cut) value = value.substr(0, kValueBytesMax);
  if (!needs_quotes(value)) {
    line += value;
    if (is_cut) line += "...";
    return;
  }
  static constexpr std::string_view kHex = "0123456789abcdef";
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '"' || byte == '\\') {
      line += '\\';
      line += c;
    } else if (byte < ' ' || byte == 0x7f) {  // no line breaks, no terminal escapes
      line += "\\x";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      line += c;
    }
  }
  if (is_cut) line += "...";
  line += '"';
}

spdlog::level::level_enum to_spdlog(Severity severity) {
  switch (severity) {
    case Severity::trace:
      return spdlog::level::trace;
    case Severity::debug:
      return spdlog::level::debug;
    case Severity::info:
      return spdlog::level::info;
    case Severity::warn:
      return spdlog::level::warn;
    case Severity::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& file) {
  if (file.empty()) {
    return std::make_shared<spdlog::logger>("bellhop",
                                            std::make_shared<spdlog::sinks::stderr_sink_mt>());
  }
  try {
    return std::make_shared<spdlog::logger>(
        "bellhop", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
  } catch (const spdlog::spdlog_ex& error) {  // no runtime_error
    throw std::runtime_error(error.what());
  }
}

// 192.0.2.* or 2001:db8:1:2::* (the part of an IPv6 address that belongs to the machine).
std::string masked(const IpAddress& address) {
  const std::string text = address.subscriber().text();
  return (address.is_v4() ? text.substr(0, text.rfind('.') + 1) : text) + "*";
}

}  // namespace

struct Log::Sink {
  std::shared_ptr<spdlog::logger> logger;
};

std::string format_event(std::string_view name, std::initializer_list<LogField> fields) {
  std::string line = "event=";
  line += name;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

Log::Log(const Options& options)
    : sink_(std::make_unique<Sink>(Sink{make_logger(options.file)})), privacy_(options.privacy) {
  sink_->logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  sink_->logger->flush_on(spdlog::level::trace);
  set_level(options.level);
}

Log::~Log() = default;

bool Log::is_on(Severity severity) const {
  return sink_->logger->should_log(to_spdlog(severity));
}

void Log::set_level(Severity severity) {
  sink_->logger->set_level(to_spdlog(severity));
}

void Log::write(Severity severity, std::string_view event, std::initializer_list<LogField> fields) {
  if (is_on(severity)) sink_->logger->log(to_spdlog(severity), "{}", format_event(event, fields));
}

void Log::write_limited(Severity severity, std::string_view event,
                        std::initializer_list<LogField> fields) {
  if (!is_on(severity)) return;
  std::uint64_t suppressed = 0;
  {
    const std::scoped_lock lock(limits_mutex_);
    Limit& limit = limits_[event];
    const TimePoint now = Clock::now();
    if (now < limit.next) {
      ++limit.suppressed;
      return;
    }
    limit.next = now + std::chrono::seconds(1);
    suppressed = std::exchange(limit.suppressed, 0);
  }
  std::string line = format_event(event, fields);
  if (suppressed > 0) line += " suppressed=" + std::to_string(suppressed);
  sink_->logger->log(to_spdlog(severity), "{}", line);
}

std::string Log::shown_jid(std::string_view jid) const {
  if (privacy_.load(std::memory_order_relaxed) == LogPrivacy::full) return std::string(jid);
  const std::string_view bare = jid.substr(0, jid.find('/'));
  const auto at = bare.find('@');
  if (at == std::string_view::npos) return std::string(bare);
  return "*" + std::string(bare.substr(at));
}

std::string Log::shown_address(std::string_view address) const {
  if (privacy_.load(std::memory_order_relaxed) == LogPrivacy::full) return std::string(address);
  const bool has_brackets = address.starts_with('[');
  const auto end = has_brackets ? address.find(']') : address.find(':');
  if (const auto bare = IpAddress::parse(address)) return masked(*bare);
  if (end == std::string_view::npos) return "*";
  const auto host = IpAddress::parse(address.substr(has_brackets, end - has_brackets));
  if (!host) return "*";
  const std::string_view port = address.substr(has_brackets ? end + 1 : end);
  return (has_brackets ? "[" + masked(*host) + "]" : masked(*host)) + std::string(port);
}

}  // namespace bellhop::base
