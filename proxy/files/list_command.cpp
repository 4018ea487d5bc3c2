#include "proxy/files/list_command.hpp"

#include "proxy/files/file_words.hpp"

namespace bellhop::files {
namespace {

using runtime::Task;
using xmpp::CommandDone;
using xmpp::CommandResult;
using xmpp::CommandStage;
using xmpp::DataForm;
using xmpp::FieldType;

DataForm table_of(const FilePage& page) {
  DataForm form{.type = xmpp::FormType::result,
                .title = "Your files",
                .instructions = {"The oldest come first."}};
  form.reported = {{.var = "name", .type = FieldType::text_single, .label = "Name"},
                   {.var = "size", .type = FieldType::text_single, .label = "Size"},
                   {.var = "place", .type = FieldType::text_single, .label = "Where it is"},
                   {.var = "expires", .type = FieldType::text_single, .label = "Expires"},
                   {.var = "url", .type = FieldType::text_single, .label = "Link"}};
  for (const ShownFile& file : page.files) {
    form.items.push_back({file.facts.name, bytes_text(file.facts.size), file.place,
                          moment_text(file.facts.expires), file.link});
  }
  return form;
}

CommandResult done(CommandDone end) {
  return std::variant<CommandStage, CommandDone>(std::move(end));
}

}  // namespace

Task<CommandResult> ListCommand::run(xmpp::CommandInput input) {
  CommandDone end;
  if (input.is_completing) co_return done(std::move(end));
  const auto page =
      co_await read_page(context_, std::string(input.requester.bare()), std::move(input.state));
  if (!page) co_return page.error();
  if (page->files.empty()) {
    end.notes.push_back({xmpp::NoteType::info, "There are no files of yours here."});
    co_return done(std::move(end));
  }
  DataForm form = table_of(*page);
  if (page->next.empty()) {
    end.form = std::move(form);
    co_return done(std::move(end));
  }
  CommandStage stage;
  stage.form = std::move(form);
  stage.state = page->next;
  stage.leads = CommandStage::Leads::to_either;
  co_return std::variant<CommandStage, CommandDone>(std::move(stage));
}

}  // namespace bellhop::files
