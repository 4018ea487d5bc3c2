# Writes a C++ source with the files of the web page: cmake -D OUT=… -D FOLDER=… -P embed_assets.cmake
# A raw string holds at most 64 KiB by some compilers' rules, so long files are several of them.
set(type_html "text/html")
set(type_js "text/javascript")
set(type_css "text/css")
set(type_plain "text/plain")
file(GLOB_RECURSE files RELATIVE ${FOLDER}
  ${FOLDER}/*.html ${FOLDER}/*.js ${FOLDER}/*.css ${FOLDER}/*/LICENSE*)
list(SORT files)
set(bodies "")
set(rows "")
set(number 0)
set(piece 8000)
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR bytes "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  # Each escape ends where its string literal ends or the next backslash begins.
  string(LENGTH "${escaped}" escaped_length)
  set(text "")
  set(at 0)
  while(at LESS escaped_length)
    string(SUBSTRING "${escaped}" ${at} ${piece} part)
    string(APPEND text "\n    \"${part}\"")
    math(EXPR at "${at} + ${piece}")
  endwhile()
  string(APPEND bodies "constexpr char kBody${number}[] =${text};\n")
  get_filename_component(extension ${file} LAST_EXT)
  if(extension)
    string(SUBSTRING ${extension} 1 -1 extension)
  else()
    set(extension plain)
  endif()
  set(type ${type_${extension}})
  string(APPEND rows "    {\"/${file}\", \"${type}; charset=utf-8\", {kBody${number}, ${bytes}}},\n")
  if(file STREQUAL "index.html")
    string(APPEND rows "    {\"/\", \"${type}; charset=utf-8\", {kBody${number}, ${bytes}}},\n")
  endif()
  math(EXPR number "${number} + 1")
endforeach()
list(LENGTH files count)
math(EXPR count "${count} + 1")
file(WRITE ${OUT} "// Made by api/embed_assets.cmake.
#include <array>

#include \"api/web/assets.hpp\"

namespace bellhop::web {
namespace {

${bodies}
constexpr std::array<Asset, ${count}> kAssets{{
${rows}}};

}  // namespace

std::span<const Asset> assets() { return kAssets; }

}  // namespace bellhop::web
")
