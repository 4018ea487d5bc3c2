// A collection as a page for people (RFC 4918 §9.4).
#pragma once

#include <span>
#include <string>

#include "proxy/webdav/folder_tree.hpp"

namespace bellhop::webdav {

/// More members than fit are counted only.
inline constexpr std::size_t kListingBytesMax = 2 * 1024 * 1024;

/// HTML without script or style. `href` is that of the collection, by folder_href().
[[nodiscard]] std::string listing_page(std::string_view title, std::string_view href,
                                       std::span<const Node> members);

}  // namespace bellhop::webdav
