// (type, element, namespace) -> handler; exactly one answer for each request, always.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "component/base/log.hpp"
#include "component/runtime/task_group.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/counters.hpp"
#include "component/xmpp/stanza.hpp"

namespace bellhop::xmpp {

/// What a handler answers: the payload of the result (or none), or why not.
using Reply = Decision<std::optional<Element>>;

/// Answers at once. Called on the control shard.
using IqHandler = std::function<Reply(const Iq&)>;
/// Answers after waiting for something. Runs until its first wait in order of arrival.
using IqTask = std::function<runtime::Task<Reply>(Iq)>;

/// What a handler is registered for.
struct IqRoute {
  IqType type;            ///< get or set
  std::string_view name;  ///< empty: any element of the namespace; the handler tells them apart
  std::string_view xmlns;
  /// Whether it also answers for localparts, of which none exists as yet; others are
  /// item-not-found.
  bool is_for_localparts = false;
};

/// The routes of one component. Control shard.
///
/// STZ-09: requests start in order of arrival, and what a handler hands to another shard keeps its
/// order, so state changes in order; a handler that waits (for a second connection, say) does not
/// hold up the requests behind it.
class IqRouter {
 public:
  using Sender = std::function<void(const Element&)>;

  /// `own_domain` is the prepared component JID. References must outlive the router.
  IqRouter(runtime::Executor executor, base::Log& log, XmppCounters& counters,
           std::string own_domain, Sender send);

  /// One handler for each (type, namespace); a second one is a bug of ours.
  void add(const IqRoute& route, IqHandler handler);
  void add_task(const IqRoute& route, IqTask handler);

  /// Takes an `<iq/>`, answers it or sees to it that it is answered; drops what may not be
  /// answered.
  void route(Element stanza);

  /// Cuts waiting handlers short (they answer `internal-server-error`, wait) and waits for them.
  [[nodiscard]] runtime::Task<> stop();

 private:
  struct Row {
    IqRoute route;
    IqHandler handler;
    IqTask task;
  };

  void insert(Row row);
  [[nodiscard]] base::Result<const Row*> find(const Iq& iq) const;
  void answer(const Iq& iq, Reply reply);
  runtime::Task<> answer_later(const Row& row, Iq iq);

  base::Log& log_;
  XmppCounters& counters_;
  std::string own_domain_;
  Sender send_;
  std::unordered_map<std::string, Row> gets_;
  std::unordered_map<std::string, Row> sets_;
  runtime::TaskGroup waiting_;
};

}  // namespace bellhop::xmpp
