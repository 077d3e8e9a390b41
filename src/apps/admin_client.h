#pragma once

#include <string>
#include <string_view>

#include "apps/commands.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/endpoint.h"
#include "config/environment.h"
#include "config/secret.h"

namespace apps {

// Writes down in a data directory where the admin API of the gateway that serves it is, so that commands find
// it whatever port it was given, and takes that away again. Errors: kIo.
base::Result<> NoteAdminAddress(const std::string& data_directory, const std::string& address);
void ForgetAdminAddress(const std::string& data_directory);

// Asks the gateway that is running, through its admin API.
class AdminClient {
 public:
  // The gateway at --admin HOST:PORT, else the one that serves the data directory, else the one that the
  // config describes. The token is the config's, else that of SLUICE_ADMIN_TOKEN. `clock` outlives it.
  // Errors: kInvalid: --admin is no address; kUnreachable: there is nothing that says where it is; kIo.
  static base::Result<AdminClient> Find(const Arguments& arguments, const LoadedConfig& loaded,
                                        const config::Environment& environment, const base::Clock& clock);

  // One request, with its body as JSON if there is one; waits for the answer, 10 s at most. Errors: as the
  // API says no: kInvalid, kNotFound, kDenied, kUnavailable; kUnreachable with what to do; each a sentence.
  base::Result<std::string> Ask(std::string_view method, std::string_view target,
                                std::string_view body = {}) const;

 private:
  AdminClient(config::HostPort at, config::Secret token, const base::Clock& clock)
      : at_(std::move(at)), token_(std::move(token)), clock_(clock) {}

  const config::HostPort at_;
  const config::Secret token_;  // empty: none
  const base::Clock& clock_;
};

// A value of a query, escaped.
std::string QueryValue(std::string_view text);

}  // namespace apps
