#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "config/reader.h"

namespace config {

// The settings of a config that is to be read without a problem; its problems fail the test.
inline std::shared_ptr<const Settings> Accepted(const ReadResult& result) {
  if (result) return *result;
  for (const Problem& problem : result.error()) ADD_FAILURE() << Print(problem);
  return std::make_shared<Settings>();
}

// All problems of a config, one a line; "accepted" where there are none.
inline std::string Refused(const ReadResult& result) {
  if (result) return "accepted";
  std::string out;
  for (const Problem& problem : result.error()) out += Print(problem) + "\n";
  return out;
}

}  // namespace config
