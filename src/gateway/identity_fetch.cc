#include <utility>

#include "gateway/identity_fetch_internal.h"
#include "gateway/identity_issuers.h"
#include "net/http_fetch.h"
#include "wire/json_scanner.h"

namespace gateway {
namespace {

constexpr std::string_view kDiscovery = "/.well-known/openid-configuration";
constexpr std::size_t kPoolsMax = 4;
constexpr net::CallTimeouts kTimeouts = {.connect = Issuers::kPatience / 2,
                                         .first_byte = Issuers::kPatience / 2,
                                         .idle = Issuers::kPatience / 2,
                                         .total = Issuers::kPatience / 2};

bool IsSafe(const config::Url& url) {
  return url.tls || config::HostPort{url.host, 0}.IsLoopback();
}

}  // namespace

base::Result<IssuerFetch::Place> IssuerFetch::Place::Parse(std::string_view text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  const auto url = config::Url::Parse(text.substr(0, mark));
  const std::string query(text.substr(mark));
  if (!url || (!query.empty() && !net::IsFieldValue(query))) {
    return base::Fail(base::Code::kInvalid, "the place of an issuer's keys is no URL");
  }
  if (!IsSafe(*url)) return base::Fail(base::Code::kInvalid, "an issuer's keys are not at https");
  return Place{*url, query};
}

base::Result<std::unique_ptr<IssuerFetch>> IssuerFetch::Make(net::Loop& loop, net::Resolver& resolver,
                                                             const config::OidcSettings& settings) {
  const bool discovers = settings.jwks_url.host.empty();
  base::Result<Place> start = Place{settings.jwks_url, ""};
  if (discovers) start = Place::Parse(settings.issuer);
  if (!start) return base::Fail(std::move(start).error());
  if (discovers) start->url.path += kDiscovery;
  auto tls = net::TlsClientContext::Load(settings.ca_file);
  if (!tls) return base::Fail(std::move(tls).error());
  return std::unique_ptr<IssuerFetch>(
      new IssuerFetch(loop, resolver, settings.issuer, std::move(*start), discovers, std::move(*tls)));
}

IssuerFetch::IssuerFetch(net::Loop& loop, net::Resolver& resolver, std::string issuer, Place start,
                         bool discovers, std::shared_ptr<const net::TlsClientContext> tls)
    : loop_(loop),
      resolver_(resolver),
      issuer_(std::move(issuer)),
      start_(std::move(start)),
      discovers_(discovers),
      tls_(std::move(tls)) {}

net::Pool& IssuerFetch::PoolOf(const config::Url& url) {
  const std::string origin = (url.tls ? "https://" : "http://") + url.Authority();
  if (pools_.size() >= kPoolsMax && !pools_.contains(origin)) pools_.clear();  // none is in use here
  std::unique_ptr<net::Pool>& pool = pools_[origin];
  if (pool == nullptr) {
    net::PoolOptions options;
    options.origin = {.host = url.host, .port = url.port, .tls = url.tls};
    options.tls = url.tls ? tls_ : nullptr;
    options.idle_max = 1;
    pool = std::make_unique<net::Pool>(loop_, resolver_, std::move(options));
  }
  return *pool;
}

net::Task<base::Result<std::string>> IssuerFetch::GetText(Place place) {
  net::Fetch fetch{.target = (place.url.path.empty() ? "/" : place.url.path) + place.query,
                   .answer_max = kKeySetBytesMax,
                   .timeouts = kTimeouts};
  fetch.fields.Add("accept", "application/json");
  const auto answer = co_await net::FetchWhole(PoolOf(place.url), std::move(fetch), cancel_);
  if (!answer) co_return base::Fail(answer.error());
  if (answer->status != 200) {
    co_return base::Fail(base::Code::kUnavailable,
                         place.url.Print() + " answered " + std::to_string(answer->status));
  }
  co_return std::string(answer->body.view());
}

base::Result<IssuerFetch::Place> IssuerFetch::ReadDiscovery(const std::string& text) const {
  std::string issuer;
  std::string keys;
  wire::JsonCursor cursor(text);
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      std::string* const member = cursor.KeyIs("issuer")     ? &issuer
                                  : cursor.KeyIs("jwks_uri") ? &keys
                                                             : nullptr;
      if (member == nullptr || !cursor.AtString()) continue;
      *member = cursor.Take().Text();
    }
  }
  if (!cursor.End()) return base::Fail(base::Code::kInvalid, "its discovery document is no JSON object");
  if (issuer != issuer_) {
    return base::Fail(base::Code::kInvalid, "its discovery document is of another issuer: " + issuer);
  }
  return Place::Parse(keys);
}

net::Task<base::Result<KeySet>> IssuerFetch::Get() {
  Place place = start_;
  if (discovers_) {
    auto document = co_await GetText(start_);
    if (!document) co_return base::Fail(std::move(document).error());
    auto found = ReadDiscovery(*document);
    if (!found) co_return base::Fail(std::move(found).error());
    place = std::move(*found);
  }
  auto text = co_await GetText(std::move(place));
  if (!text) co_return base::Fail(std::move(text).error());
  co_return KeySet::Parse(*text);
}

}  // namespace gateway
