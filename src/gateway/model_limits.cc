#include "gateway/model_limits.h"

#include <cstdint>

namespace gateway {
namespace {

// The first that says something.
std::int64_t FirstOf(std::uint64_t written, std::int64_t known, std::int64_t otherwise) {
  if (written > 0) return static_cast<std::int64_t>(written);
  return known > 0 ? known : otherwise;
}

pricing::ModelLimits With(const config::Settings& settings, const pricing::ModelLimits& known) {
  return {.context = FirstOf(settings.context_max, known.context, kUnknownModel.context),
          .output = FirstOf(settings.max_output, known.output, kUnknownModel.output)};
}

}  // namespace

pricing::ModelLimits AnyLimits(const config::Settings& settings) {
  return With(settings, {});
}

pricing::ModelLimits LimitsOf(const config::Settings& settings, const pricing::Book* prices,
                              const config::ModelRef& model, chat::Dialect dialect) {
  const bool all_written = settings.context_max > 0 && settings.max_output > 0;
  if (prices == nullptr || all_written) return AnyLimits(settings);
  return With(settings, prices->LimitsOf(model.provider, model.model, dialect));
}

}  // namespace gateway
