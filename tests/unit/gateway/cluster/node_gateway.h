// What node_a's gateway holds of its cluster, for tests of what is built upon it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "tests/support/failing_registry.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::tests {

inline gateway::cluster::OwnNode own_node() {
  gateway::cluster::OwnNode own;
  own.id = "node_a";
  own.name = "node1";
  own.mesh_ip = "10.0.0.1";
  own.domain = "node1.example.com";
  own.cluster_id = "cluster_a";
  own.version = "0.3.0";
  return own;
}

// A registry that is a file, with nothing in it.
struct EmptyRegistry {
  TemporaryFolder folder;
  boost::asio::io_context context;
  gateway::backends::SqliteRegistry sqlite{folder.file("r.sqlite"), "node_a"};
};

// Started by nobody; the registry can be taken away.
struct NodeGateway {
  FailingRegistry registry;
  gateway::cluster::Membership membership;
  gateway::cluster::RegistryWatch watch;
  gateway::cluster::DesiredBoard desired;
  gateway::cluster::NodeReport report;
  gateway::cluster::PeerReports peers;
  gateway::cluster::ClusterView view;

  NodeGateway(boost::asio::io_context& context, gateway::backends::Registry& behind,
              const TemporaryFolder& folder, const Clock& clock,
              gateway::cluster::OwnNode own = own_node())
      : registry(behind),
        membership(context, registry, clock, Log::discard(), {std::chrono::milliseconds(5)}),
        watch(context, registry, Log::discard(), std::chrono::milliseconds(5)),
        desired(folder.file("desired.json"), Log::discard()),
        report(clock),
        peers(clock),
        view(std::move(own), {membership, desired, report, peers, watch, clock}),
        context_(context) {}

  bool wait(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < until) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(5));
    }
    return condition();
  }

  // A call of an operation; `id` is the path's one parameter.
  gateway::http::HandlerResult call(const gateway::http::RouteTable& routes,
                                    std::string_view operation, std::string_view body,
                                    std::string_view query, const std::string& id = "") {
    for (const gateway::http::Route& route : routes) {
      if (route.operation_id == operation) {
        const std::vector<gateway::http::Header> headers;
        gateway::http::Request request;
        request.headers = &headers;
        request.body = body;
        request.query = query;
        request.parameters.emplace_back("id", id);
        return run(context_, route.handler(request));
      }
    }
    FAIL("no such route");
    return gateway::http::Response();
  }

 private:
  boost::asio::io_context& context_;
};

}  // namespace orama::tests
