// Data forms (XEP-0004) with FORM_TYPE (XEP-0068) and integer ranges (XEP-0122).
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// XEP-0004 §3.1.
enum class FormType : std::uint8_t { form, submit, cancel, result };

/// XEP-0004 §3.3.
enum class FieldType : std::uint8_t {
  boolean,
  fixed,
  hidden,
  jid_multi,
  jid_single,
  list_multi,
  list_single,
  text_multi,
  text_private,
  text_single,
};

/// One choice of a list field (XEP-0004 §3.2).
struct FieldOption {
  std::string label;  ///< for people; may be empty
  std::string value;
  friend bool operator==(const FieldOption&, const FieldOption&) = default;
};

/// Inclusive bounds of a text-single field that holds an integer (XEP-0122 §3.2.2).
struct IntegerRange {
  std::int64_t min;
  std::int64_t max;
  friend bool operator==(const IntegerRange&, const IntegerRange&) = default;
};

/// One field (XEP-0004 §3.2).
struct FormField {
  std::string var = {};                          ///< empty only for fixed fields
  std::optional<FieldType> type = std::nullopt;  ///< none: not said (usual in submit and result)
  std::string label = {};
  std::string description = {};
  bool is_required = false;
  std::vector<std::string> values = {};
  std::vector<FieldOption> options = {};  ///< of list fields only
  std::optional<IntegerRange> range = std::nullopt;

  /// The first value, or "".
  [[nodiscard]] std::string_view value() const;
  /// XEP-0004 §3.3: "1" and "true" are true, anything else is not.
  [[nodiscard]] bool is_true() const;
  /// All values joined by newlines: the content of a text-multi field.
  [[nodiscard]] std::string joined() const;

  friend bool operator==(const FormField&, const FormField&) = default;
};

/// A form to fill in, one filled in, or data in the same shape; the order of fields is kept.
struct DataForm {
  FormType type = FormType::form;
  std::string title = {};
  std::vector<std::string> instructions = {};
  std::vector<FormField> fields = {};
  bool has_items = false;  ///< there were `<reported/>` or `<item/>`, which are not kept
  /// XEP-0004 §3.4, of results that we write: the columns of a table, and its rows with a value for
  /// each column.
  std::vector<FormField> reported = {};
  std::vector<std::vector<std::string>> items = {};

  /// A form whose first field is the hidden FORM_TYPE (FRM-03).
  [[nodiscard]] static DataForm with_form_type(FormType type, std::string_view form_type);

  /// The value of FORM_TYPE; "" if there is none, or if it is not hidden in a form or result
  /// (XEP-0068 §3.2: then it gives no context).
  [[nodiscard]] std::string_view form_type() const;
  /// The first field of that var; null if there is none.
  [[nodiscard]] const FormField* field(std::string_view var) const;
  /// Appends a field. Returns this form, for chaining.
  DataForm& add(FormField field);

  friend bool operator==(const DataForm&, const DataForm&) = default;
};

/// `<x xmlns='jabber:x:data'/>`; FORM_TYPE is written first.
[[nodiscard]] Element to_element(const DataForm& form);

/// Reads `<x xmlns='jabber:x:data'/>`. Errors: errors::bad_request for another element, an unknown
/// form or field type, a field other than fixed without var, or an option without exactly one
/// value.
[[nodiscard]] base::Result<DataForm> parse_data_form(const Element& x);

/// A submitted form that cannot be taken (FRM-04).
struct FormProblem {
  base::Error
      error;  ///< errors::not_acceptable, or errors::bad_request for what is no submit at all
  std::string text;  ///< for the sender; names the field by its label or var; goes into ErrorExtras
};

/// Makes boost::system::result<…, FormProblem>::value() on a problem a bug of ours.
[[noreturn]] void throw_exception_from_error(const FormProblem&, const boost::source_location&);

/// Fills `form` (ours, type form) with what was submitted and checks it: FORM_TYPE must be ours or
/// absent; unknown fields are ignored; missing optional fields keep their values; a missing
/// required field, a list value that is no option, a bad boolean, JID or integer, or several values
/// where one is allowed, are refused (FRM-01 to FRM-04). In the result booleans are "0" or "1",
/// JIDs are prepared and each occurs once, and hidden and fixed fields are as they were.
[[nodiscard]] boost::system::result<DataForm, FormProblem> apply_submit(DataForm form,
                                                                        const DataForm& submit);

}  // namespace bellhop::xmpp
