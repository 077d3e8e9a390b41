#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace net {

struct SslFree {
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_session_st* session) const;
  void operator()(ssl_st* ssl) const;
};
using SslContextPtr = std::unique_ptr<ssl_ctx_st, SslFree>;
using SslSessionPtr = std::unique_ptr<ssl_session_st, SslFree>;
using SslPtr = std::unique_ptr<ssl_st, SslFree>;

// What is spoken over TLS, agreed on by ALPN. kNone is for clients that speak something else, and offers
// nothing.
enum class Alpn : unsigned char { kHttp11, kHttp2OrHttp11, kNone };

// How we prove ourselves to clients: a certificate chain with its key. TLS 1.2 and newer, session tickets.
// Immutable and thread-safe; a reload makes a new one and old connections keep theirs.
class TlsServerContext {
 public:
  // PEM files; the certificate file holds the chain, leaf first. Errors: kIo, kInvalid (also when the key
  // does not belong to the certificate).
  static base::Result<std::shared_ptr<const TlsServerContext>> Load(const std::string& certificate_file,
                                                                    const std::string& key_file,
                                                                    Alpn alpn = Alpn::kHttp11);

  base::Result<SslPtr> NewSession() const;

 private:
  explicit TlsServerContext(SslContextPtr context) : context_(std::move(context)) {}
  SslContextPtr context_;
};

// How we check servers: their chain against the system's authorities or one given file, and their name
// always. TLS 1.2 and newer. Immutable and thread-safe.
class TlsClientContext {
 public:
  // `ca_file` replaces the system's authorities when not empty. Errors: kIo, kInvalid.
  static base::Result<std::shared_ptr<const TlsClientContext>> Load(const std::string& ca_file);

  // For a connection to `host` (a name or an IP literal); `resume` may be null. Tickets that the server
  // sends are kept in `*keep`, which must outlive the session.
  base::Result<SslPtr> NewSession(const std::string& host, ssl_session_st* resume, SslSessionPtr* keep,
                                  Alpn alpn = Alpn::kHttp11) const;

 private:
  explicit TlsClientContext(SslContextPtr context) : context_(std::move(context)) {}
  SslContextPtr context_;
};

// The newest reason in OpenSSL's error queue of this thread, which is emptied.
std::string TakeTlsError();

}  // namespace net
