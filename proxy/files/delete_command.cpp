#include "proxy/files/delete_command.hpp"

#include <algorithm>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_words.hpp"

namespace bellhop::files {
namespace {

using base::Error;
using base::Result;
using runtime::Task;
using xmpp::CommandDone;
using xmpp::CommandResult;
using xmpp::CommandStage;
using xmpp::DataForm;
using xmpp::FieldType;
using xmpp::NoteType;

using Either = std::variant<CommandStage, CommandDone>;

constexpr std::string_view kFiles = "files";
constexpr std::string_view kMore = "more";
// Names in the question whether to delete; of more than these their number.
constexpr std::size_t kNamesMax = 20;
constexpr std::string_view kAsked = "asked";
constexpr std::string_view kChoosing = "choosing";

CommandResult ended(NoteType type, std::string text) {
  CommandDone done;
  done.notes.push_back({type, std::move(text)});
  return Either(std::move(done));
}

std::string label_of(const ShownFile& file) {
  const std::string until =
      file.facts.expires == 0 ? "" : ", until " + moment_text(file.facts.expires);
  return file.facts.name + " (" + bytes_text(file.facts.size) + until + ", " + file.place + ")";
}

DataForm form_of(const FilePage& page, std::size_t chosen) {
  DataForm form{.type = xmpp::FormType::form,
                .title = "Delete files",
                .instructions = {"Choose files; you are asked again before they are deleted."}};
  if (chosen > 0) {
    form.add({.type = FieldType::fixed, .values = {"Chosen before: " + files_text(chosen) + "."}});
  }
  xmpp::FormField files{.var = std::string(kFiles),
                        .type = FieldType::list_multi,
                        .label = "Files, the oldest first"};
  for (const ShownFile& file : page.files) {
    files.options.push_back({label_of(file), file.facts.id.text()});
  }
  form.add(std::move(files));
  if (!page.next.empty()) {
    form.add({.var = std::string(kMore),
              .type = FieldType::boolean,
              .label = "Choose from further files too",
              .values = {"0"}});
  }
  return form;
}

// The words of a text, which blanks part.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (!word.empty()) words.push_back(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return words;
}

}  // namespace

std::string DeleteCommand::Progress::text() const {
  std::string text(is_asked ? kAsked : kChoosing);
  text.append(1, ' ').append(next.empty() ? "-" : next);
  for (const FileId& id : chosen) text.append(1, ' ').append(id.text());
  return text;
}

DeleteCommand::Progress DeleteCommand::Progress::parse(std::string_view state) {
  Progress progress;
  const auto words = words_of(state);
  if (words.size() < 2) return progress;
  progress.is_asked = words[0] == kAsked;
  if (words[1] != "-") progress.next = words[1];
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (const auto id = FileId::parse(words[i])) progress.chosen.push_back(*id);
  }
  return progress;
}

Task<CommandResult> DeleteCommand::run(xmpp::CommandInput input) {
  std::string owner(input.requester.bare());
  Progress progress = Progress::parse(input.state);
  if (!input.form) co_return co_await show_page(std::move(owner), std::move(progress));
  if (progress.is_asked) co_return co_await remove(std::move(owner), std::move(progress));
  co_return co_await choose(std::move(owner), std::move(progress), std::move(*input.form));
}

Task<CommandResult> DeleteCommand::show_page(std::string owner, Progress progress) {
  const auto page = co_await read_page(context_, std::move(owner), progress.next);
  if (!page) co_return page.error();
  if (page->files.empty() && progress.chosen.empty()) {
    co_return ended(NoteType::info, "There are no files of yours here.");
  }
  progress.next = page->next;
  CommandStage stage;
  stage.form = form_of(*page, progress.chosen.size());
  stage.state = progress.text();
  stage.leads = CommandStage::Leads::to_next;
  co_return Either(std::move(stage));
}

Task<CommandResult> DeleteCommand::choose(std::string owner, Progress progress, DataForm form) {
  if (const xmpp::FormField* files = form.field(kFiles)) {
    for (const std::string& value : files->values) {
      const auto id = FileId::parse(value);  // an option of ours
      const bool is_new = id && std::ranges::find(progress.chosen, *id) == progress.chosen.end();
      if (is_new) progress.chosen.push_back(*id);
    }
  }
  if (progress.chosen.size() > kChosenMax) {
    co_return xmpp::command_refusal(
        xmpp::errors::bad_payload, "too many files",
        "At most " + std::to_string(kChosenMax) + " files can be deleted at once.");
  }
  const xmpp::FormField* more = form.field(kMore);
  if (more != nullptr && more->is_true()) {
    co_return co_await show_page(std::move(owner), std::move(progress));
  }
  if (progress.chosen.empty()) {
    co_return xmpp::command_refusal(xmpp::errors::bad_payload, "no files",
                                    "Choose at least one file.");
  }
  co_return co_await ask(std::move(owner), std::move(progress));
}

Task<CommandResult> DeleteCommand::ask(std::string owner, Progress progress) {
  std::vector<std::string> names;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  for (const FileId& id : progress.chosen) {
    const auto facts = co_await find(owner, id);
    if (!facts) continue;
    ++files;
    bytes += facts->size;
    if (names.size() < kNamesMax) names.push_back(facts->name);
  }
  if (files == 0) co_return ended(NoteType::info, "These files are gone already.");
  if (files > names.size()) names.push_back("and " + files_text(files - names.size()) + " more");
  CommandStage stage;
  stage.form = {.type = xmpp::FormType::form,
                .title = "Delete these files?",
                .instructions = {files_text(files) + " with " + bytes_text(bytes) +
                                 " will be deleted. This cannot be undone."}};
  for (std::string& name : names) {
    stage.form.add({.type = FieldType::fixed, .values = {std::move(name)}});
  }
  progress.is_asked = true;
  stage.state = progress.text();
  stage.leads = CommandStage::Leads::to_end;
  co_return Either(std::move(stage));
}

Task<CommandResult> DeleteCommand::remove(std::string owner, Progress progress) {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t in_use = 0;
  for (const FileId& id : progress.chosen) {
    auto facts = co_await find(owner, id);
    if (!facts) continue;
    const std::uint64_t size = facts->size;
    const auto removed = co_await remove_one(owner, std::move(*facts));
    if (removed) {
      ++files;
      bytes += size;
    } else if (removed.error().is(errors::file_in_use)) {
      ++in_use;
    } else if (!removed.error().is(errors::no_such_file)) {
      co_return removed.error();
    }
  }
  CommandDone done;
  done.notes.push_back(
      {NoteType::info, files_text(files) + " with " + bytes_text(bytes) + " deleted."});
  if (in_use > 0) {  // ADH-09
    done.notes.push_back({NoteType::error, files_text(in_use) +
                                               " could not be deleted: a program that works on "
                                               "your folder has locked them."});
  }
  co_return Either(std::move(done));
}

// Of this user: what was chosen comes from our own form, and is looked at all the same.
Task<Result<FileFacts>> DeleteCommand::find(std::string owner, FileId id) {
  auto facts = co_await context_.store.find(id);
  if (facts && facts->owner != owner) co_return Error(errors::no_such_file, "of somebody else");
  co_return facts;
}

// What lies in a folder goes by the folder, so that names, locks and properties go with it.
Task<Result<void>> DeleteCommand::remove_one(std::string owner, FileFacts facts) {
  if (facts.origin == FileOrigin::webdav && context_.folders != nullptr) {
    co_return co_await context_.folders->remove(std::move(owner), facts.id);
  }
  const auto removed = co_await context_.store.remove(facts.id, RemoveReason::by_user);
  if (!removed) co_return removed.error();
  co_return Result<void>();
}

}  // namespace bellhop::files
