// What the rows of commands.cpp run: one function a command, each in its own file (start, stop and
// restart share services.cpp). `check_…` judge words only, before the caller's rights are looked
// at.
#pragma once

#include "cli/command.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

Result<void> check_install(const Arguments& arguments);
Result<Report> run_install(Session& session, const Arguments& arguments);

Result<Report> run_uninstall(Session& session, const Arguments& arguments);

Result<Report> run_status(Session& session, const Arguments& arguments);

Result<void> check_invite(const Arguments& arguments);
Result<Report> run_invite(Session& session, const Arguments& arguments);
Result<Report> run_invite_list(Session& session, const Arguments& arguments);
Result<void> check_invite_revoke(const Arguments& arguments);
Result<Report> run_invite_revoke(Session& session, const Arguments& arguments);

Result<void> check_node_word(const Arguments& arguments);
Result<Report> run_node_list(Session& session, const Arguments& arguments);
Result<Report> run_node_show(Session& session, const Arguments& arguments);
Result<Report> run_node_remove(Session& session, const Arguments& arguments);
Result<void> check_node_rename(const Arguments& arguments);
Result<Report> run_node_rename(Session& session, const Arguments& arguments);
Result<void> check_node_set_address(const Arguments& arguments);
Result<Report> run_node_set_address(Session& session, const Arguments& arguments);
Result<void> check_node_set(const Arguments& arguments);
Result<Report> run_node_set(Session& session, const Arguments& arguments);
Result<Report> run_leave(Session& session, const Arguments& arguments);

Result<void> check_service_name(const Arguments& arguments);
Result<Report> run_start(Session& session, const Arguments& arguments);
Result<Report> run_stop(Session& session, const Arguments& arguments);
Result<Report> run_restart(Session& session, const Arguments& arguments);

Result<void> check_logs(const Arguments& arguments);
Result<Report> run_logs(Session& session, const Arguments& arguments);

Result<Report> run_mesh_show(Session& session, const Arguments& arguments);
Result<Report> run_mesh_up(Session& session, const Arguments& arguments);
Result<Report> run_mesh_down(Session& session, const Arguments& arguments);

Result<Report> run_config_show(Session& session, const Arguments& arguments);
Result<Report> run_config_check(Session& session, const Arguments& arguments);

Result<Report> run_version(Session& session, const Arguments& arguments);

Result<void> check_dev_up(const Arguments& arguments);
Result<Report> run_dev_up(Session& session, const Arguments& arguments);
Result<Report> run_dev_status(Session& session, const Arguments& arguments);
Result<void> check_dev_logs(const Arguments& arguments);
Result<Report> run_dev_logs(Session& session, const Arguments& arguments);
Result<void> check_dev_node(const Arguments& arguments);
Result<Report> run_dev_restart(Session& session, const Arguments& arguments);
Result<Report> run_dev_kill(Session& session, const Arguments& arguments);
Result<Report> run_dev_down(Session& session, const Arguments& arguments);
Result<Report> run_dev_supervise(Session& session, const Arguments& arguments);

Result<Report> run_agent_service(Session& session, const Arguments& arguments);
Result<Report> run_mesh_device(Session& session, const Arguments& arguments);
Result<Report> run_registry_guard(Session& session, const Arguments& arguments);
Result<Report> run_prepare(Session& session, const Arguments& arguments);
Result<Report> run_firewall_revert(Session& session, const Arguments& arguments);

Result<void> check_completions(const Arguments& arguments);
Result<Report> run_completions(Session& session, const Arguments& arguments);

}  // namespace orama::cli
