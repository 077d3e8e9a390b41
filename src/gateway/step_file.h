#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "budget/crossings.h"
#include "gateway/alert.h"
#include "store/disk.h"

namespace gateway {

// What must be known after a restart, so that no alert is told twice and none is lost: the steps that are
// taken, and the alerts that are not delivered yet.
struct StepState {
  std::vector<budget::SavedStep> steps;
  std::vector<Alert> alerts;

  friend bool operator==(const StepState&, const StepState&) = default;
};

// As one JSON object, and back. Errors: kInvalid with what is wrong.
std::string PrintStepState(const StepState& state);
base::Result<StepState> ParseStepState(std::string_view text);

// DATA/steps.json. A missing file is an empty state. Errors: kIo, kInvalid, with a sentence that names it.
base::Result<StepState> ReadStepFile(const std::filesystem::path& data_directory);
// Replaces it as a whole; it is on the disk when this is back. Errors: kIo.
base::Result<> WriteStepFile(const std::filesystem::path& data_directory, const StepState& state,
                             store::Disk& disk);

}  // namespace gateway
