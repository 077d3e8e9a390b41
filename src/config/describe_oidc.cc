#include "config/describe_internal.h"

namespace config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint64_t kIssuersMax = 20;
constexpr std::uint64_t kAudiencesMax = 20;
constexpr std::uint64_t kModelsMax = 100;

void DescribeClaims(Visitor& v, OidcClaims& s) {
  v.Value(Word("org", s.org, "org", "The claim that has the organisation."));
  v.Value(Word("team", s.team, "team", "The claim that has the team; a token without it is refused."));
  v.Value(Word("project", s.project, "project", "The claim that has the project."));
  v.Value(Word("user", s.user, "sub", "The claim that has the end user; a token without it is refused."));
}

void DescribeIssuer(Visitor& v, OidcSettings& s) {
  v.Value(Word("issuer", s.issuer, "https://login.example.com/realm",
               "The issuer as its tokens name it in `iss`, to the last slash.")
              .Required());
  v.List(Names("audience", s.audience, kAudiencesMax,
               "What a token must be for: one of these stands in its `aud`.")
             .Required());
  v.Value(Link("jwks_url", s.jwks_url,
               "Where its keys are published; without it `issuer` and /.well-known/openid-configuration "
               "tell."));
  v.List(Choices("algorithms", s.algorithms,
                 {{"RS256", TokenAlgorithm::kRs256},
                  {"ES256", TokenAlgorithm::kEs256},
                  {"EdDSA", TokenAlgorithm::kEdDsa}},
                 "The signatures that are accepted; without it all three."));
  v.Value(Time("leeway", s.leeway, {milliseconds(0), minutes(10)},
               "How far the issuer's clock and this one may be apart."));
  v.Group(Section("claims", "Which claim of a token says what."), [&] { DescribeClaims(v, s.claims); });
  v.List(Names("models", s.models, kModelsMax, "The only models that its tokens may use; without it all."));
  v.Value(Path("ca_file", s.ca_file, "PEM file with the authorities to trust instead of the system's."));
}

}  // namespace

void DescribeOidc(Visitor& v, Settings& s) {
  v.Items(Entries("oidc", kIssuersMax, "Issuers (OpenID Connect) whose tokens are accepted as keys."),
          [&](std::size_t) { DescribeIssuer(v, s.oidc.emplace_back()); });
}

}  // namespace config
