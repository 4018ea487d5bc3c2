// Certificates for tests, made when they are needed.
#pragma once

#include <filesystem>
#include <string>

namespace bellhop::test {

/// Writes a new key and a certificate that it has signed itself, valid for an hour, with this
/// common name; both PEM. Files that are there are replaced.
void write_identity(const std::filesystem::path& certificate, const std::filesystem::path& key,
                    const std::string& name);

}  // namespace bellhop::test
