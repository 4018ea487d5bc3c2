// FileService.
#pragma once

#include <functional>

#include "api/admin/core.hpp"
#include "api/admin/file_view.hpp"

namespace bellhop::admin {

/// Asks the file store, in steps that let others in between. Every method but storage():
/// errors::unavailable where no component offers uploads. The admin thread.
class FileApi {
 public:
  explicit FileApi(Core& core) : core_(core) {}

  using ListResult = ApiResult<v1::ListFilesResponse>;
  [[nodiscard]] runtime::Task<ListResult> list(Caller caller, v1::ListFilesRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetFileResponse>> get(Caller caller,
                                                                  v1::GetFileRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::LookUpLinkResponse>> look_up(
      Caller caller, v1::LookUpLinkRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetFileLinkResponse>> link(
      Caller caller, v1::GetFileLinkRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::UpdateFileResponse>> update(
      Caller caller, v1::UpdateFileRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::DeleteFileResponse>> remove(
      Caller caller, v1::DeleteFileRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::DeleteFilesResponse>> remove_many(
      Caller caller, v1::DeleteFilesRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetStorageResponse>> storage(
      Caller caller, v1::GetStorageRequest request);

 private:
  /// Sees a file; false: that is enough.
  using Visit = std::function<bool(files::FileFacts&)>;

  /// Visits files, oldest first, behind `after`.
  [[nodiscard]] static runtime::Task<ApiResult<void>> visit(files::FileStore& store,
                                                            std::optional<files::FileFacts> after,
                                                            Visit visit);
  [[nodiscard]] runtime::Task<ListResult> page_by_age(files::FileStore& store,
                                                      v1::ListFilesRequest request, Filter filter,
                                                      std::size_t size);
  [[nodiscard]] static runtime::Task<ListResult> highest(files::FileStore& store,
                                                         v1::ListFilesRequest request,
                                                         Filter filter, std::size_t size);
  /// What a name stands for, whether there is such a file or not.
  [[nodiscard]] ApiResult<files::FileId> id_of(const std::string& name) const;
  [[nodiscard]] runtime::Task<ApiResult<files::FileFacts>> find(std::string name) const;

  Core& core_;
};

}  // namespace bellhop::admin
