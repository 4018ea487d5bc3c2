// Tokens of slots and ids of files, as strangers send them: what is read is what was written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/files/slot_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellhop;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const files::SlotTokens tokens{config::Secret(std::string(files::SlotTokens::kSecretBytes, 's'))};
  if (const auto claims = tokens.read(text)) BELLHOP_ASSERT(tokens.make(*claims) == text);
  if (const auto id = files::FileId::parse(text)) BELLHOP_ASSERT(id->text() == text);
  return 0;
}
