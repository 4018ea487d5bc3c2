#include "config/option_type.hpp"

#include <limits>

namespace bellhop::config {
namespace {

constexpr std::string_view kDurationForm =
    "a duration such as \"500ms\", \"15s\", \"10min\", \"1h\"";
constexpr std::string_view kBytesForm = "a number of bytes such as 65536, \"512 KiB\", \"4 MiB\"";

std::string span_text(const std::string& minimum, const std::string& maximum) {
  return minimum + " to " + maximum;
}

// A whole number or a text with a unit -> a number; nothing if it is neither.
template <typename Parse>
auto number_or_text(const Value& value, Parse parse) -> decltype(parse(std::string_view())) {
  if (value.kind == Value::Kind::text) return parse(value.text);
  return parse(std::to_string(value.integer));
}

bool is_number_or_text(const Value& value) {
  return value.kind == Value::Kind::text || value.kind == Value::Kind::integer;
}

std::string shown(const Value& value) {
  return value.kind == Value::Kind::text ? in_quotes(value.text) : std::to_string(value.integer);
}

using ByteParser = std::optional<std::uint64_t> (*)(std::string_view);

Faults read_bytes(const Value& value, std::uint64_t& target, ByteParser parse,
                  Range<std::uint64_t> range, const Refusal& refusal) {
  if (!is_number_or_text(value)) return wrong_type(value, kBytesForm);
  const auto number = number_or_text(value, parse);
  if (!number) return refuse(value, shown(value) + " is not " + refusal.message, refusal.hint);
  if (*number < range.minimum || *number > range.maximum) {
    return refuse(value, shown(value) + " is out of range", refusal.hint);
  }
  target = *number;
  return {};
}

Faults read_host_port(const Value& value, HostPort& target, HostForm form,
                      const std::string& hint) {
  if (value.kind != Value::Kind::text) return wrong_type(value, "a string");
  auto address = parse_host_port(value.text);
  if (!address) return refuse(value, in_quotes(value.text) + " is not host:port", hint);
  if (address->port == 0) return refuse(value, in_quotes(value.text) + " has port 0", hint);
  const bool literal = is_ipv4_literal(address->host) || is_ipv6_literal(address->host);
  if (form == HostForm::literal && !literal) {
    return refuse(value, in_quotes(address->host) + " is not an IP address", hint);
  }
  if (!is_host(address->host)) {
    return refuse(value, in_quotes(address->host) + " is neither a host name nor an IP address",
                  hint);
  }
  target = {canonical_host(address->host), address->port};
  return {};
}

}  // namespace

std::string allowed_hint(std::string_view allowed) {
  return "allowed: " + std::string(allowed);
}

Faults refuse(const Value& value, std::string message, std::string hint) {
  return {{value.at, {std::move(message), std::move(hint)}}};
}

Faults wrong_type(const Value& value, std::string_view expected) {
  std::string found = kind_text(value.kind);
  if (value.kind == Value::Kind::text) found += ' ' + in_quotes(value.text);
  return refuse(value, "expected " + std::string(expected) + ", found " + found, {});
}

Faults check_list(const Value& value, Range<std::size_t> count) {
  if (value.kind != Value::Kind::array) {
    return refuse(value, "expected a list, found " + kind_text(value.kind),
                  "write the values in square brackets, separated by commas");
  }
  const std::size_t items = value.items.size();
  if (items >= count.minimum && items <= count.maximum) return {};
  return refuse(value, std::to_string(items) + " values in this list",
                allowed_hint(span_text(std::to_string(count.minimum),
                                       std::to_string(count.maximum) + " values")));
}

Codec<std::string> text_codec(TextForm form) {
  const auto read = [form](const Value& value, std::string& target) -> Faults {
    if (value.kind != Value::Kind::text) return wrong_type(value, "a string");
    const bool unset = form.may_be_empty && value.text.empty();
    if (!unset && (value.text.size() > form.bytes_max || !form.accepts(value.text))) {
      return refuse(value, in_quotes(value.text) + " is not accepted", allowed_hint(form.allowed));
    }
    target = value.text;
    return {};
  };
  return {"string", std::string(form.allowed), ValueForm::text, read,
          [](const std::string& value) { return toml_string(value); }};
}

Codec<Secret> secret_codec() {
  constexpr std::size_t kSecretBytesMax = 4096;
  // No fault quotes the value, not even one of a wrong type.
  const auto read = [](const Value& value, Secret& target) -> Faults {
    if (value.kind != Value::Kind::text) {
      return refuse(value, "expected a string, found " + kind_text(value.kind), {});
    }
    if (value.text.empty() || value.text.size() > kSecretBytesMax) {
      return refuse(value, "the secret has " + std::to_string(value.text.size()) + " bytes",
                    allowed_hint("1 to 4096 bytes"));
    }
    target = Secret(value.text);
    return {};
  };
  return {"string", "1 to 4096 bytes", ValueForm::text, read,
          [](const Secret&) { return std::string(); }};
}

Codec<bool> boolean_codec() {
  const auto read = [](const Value& value, bool& target) -> Faults {
    if (value.kind != Value::Kind::boolean) return wrong_type(value, "true or false");
    target = value.boolean;
    return {};
  };
  return {"boolean", "true, false", ValueForm::boolean, read,
          [](bool value) { return std::string(value ? "true" : "false"); }};
}

Codec<std::chrono::milliseconds> duration_codec(Range<std::chrono::milliseconds> range) {
  const std::string allowed = span_text(duration_text(range.minimum), duration_text(range.maximum));
  const std::string hint = allowed_hint(allowed + "; a bare number is seconds");
  const auto read = [range, hint](const Value& value, std::chrono::milliseconds& target) -> Faults {
    if (!is_number_or_text(value)) return wrong_type(value, kDurationForm);
    const auto parsed = number_or_text(value, parse_duration);
    if (!parsed) return refuse(value, shown(value) + " is not " + std::string(kDurationForm), hint);
    if (*parsed < range.minimum || *parsed > range.maximum) {
      return refuse(value, shown(value) + " is out of range", hint);
    }
    target = *parsed;
    return {};
  };
  return {"duration", allowed, ValueForm::text, read,
          [](std::chrono::milliseconds value) { return toml_string(duration_text(value)); }};
}

Codec<std::uint64_t> byte_codec(Range<std::uint64_t> range) {
  const std::string allowed = span_text(bytes_text(range.minimum), bytes_text(range.maximum));
  const Refusal refusal{std::string(kBytesForm), allowed_hint(allowed)};
  const auto read = [range, refusal](const Value& value, std::uint64_t& target) {
    return read_bytes(value, target, parse_bytes, range, refusal);
  };
  return {"byte size", allowed, ValueForm::text, read,
          [](std::uint64_t value) { return toml_string(bytes_text(value)); }};
}

Codec<std::uint64_t> rate_codec(Range<std::uint64_t> range) {
  const std::string span = span_text(bytes_text(range.minimum), bytes_text(range.maximum));
  const std::string allowed = "0 (no limit), or " + span + " per second";
  const Refusal refusal{std::string(kBytesForm) + " per second", allowed_hint(allowed)};
  const auto read = [range, refusal](const Value& value, std::uint64_t& target) -> Faults {
    if (is_number_or_text(value) && number_or_text(value, parse_rate) == 0U) {
      target = 0;
      return {};
    }
    return read_bytes(value, target, parse_rate, range, refusal);
  };
  return {"rate", allowed, ValueForm::text, read, [](std::uint64_t value) {
            return value == 0 ? std::string("0") : toml_string(bytes_text(value) + "/s");
          }};
}

Codec<HostPort> host_port_codec(HostForm form) {
  const std::string allowed =
      form == HostForm::literal
          ? "an IP address and a port, \"0.0.0.0:7777\" or \"[::]:7777\""
          : "host:port with a host name or an IP address; \"[::1]:5347\" for IPv6";
  const std::string hint = allowed_hint(allowed + "; port 1 to 65535");
  const auto read = [form, hint](const Value& value, HostPort& target) {
    return read_host_port(value, target, form, hint);
  };
  return {"address", allowed, ValueForm::text, read,
          [](const HostPort& value) { return toml_string(host_port_text(value)); }};
}

}  // namespace bellhop::config
